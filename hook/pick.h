/* Picks a few top-level fields out of one JSON object, in one pass, while it arrives. */
#ifndef PICK_H
#define PICK_H

#include "text.h"

#include <stddef.h>

/* The hook reads no further than this, however much its host would like to tell. */
#define PAYLOAD_LIMIT (256 * 1024)

/* In the order of the line. PROMPT is looked at and never leaves. */
enum field {
    HOOK_EVENT_NAME, SESSION_ID, PROMPT_ID, AGENT_ID, AGENT_TYPE, CWD, TRANSCRIPT_PATH, PERMISSION_MODE, SOURCE,
    REASON, NOTIFICATION_TYPE, TOOL_NAME, TOOL_USE_ID, DURATION_MS, MODEL, IS_INTERRUPT, ERROR_CODE, PROMPT,
    FIELD_COUNT
};

extern const char *const field_names[FIELD_COUNT];

enum type { ABSENT, SEEN, STRING, NUMBER, TRUE, FALSE };

/* A value stays where it was read: `start` to `end` within the payload, without the quotes of a string. SEEN is one
 * of any other type, and one that is not complete. */
struct value {
    enum type type;
    const char *start;
    const char *end;
};

enum progress { MORE, DONE, NO_JSON };

/* All zero but for `payload` to begin with. */
struct picker {
    const char *payload;
    size_t at;
    size_t depth;
    int state;
    int hex_digits;
    const char *letters;        /* what must follow of true, false or null */
    const char *token;          /* where the string, number or word begins */
    struct value *wanted;       /* whose key was read last */
    bool key;                   /* the string is a key */
    struct value values[FIELD_COUNT];
    unsigned char arrays[PAYLOAD_LIMIT / 8]; /* one bit a level: [ or {. There is no level without a byte. */
};

/* Goes on to `length` bytes of the payload, at most PAYLOAD_LIMIT. DONE at the bracket that ends the object. */
enum progress pick(struct picker *picker, size_t length);

/* The text of a complete string; empty for everything else. */
struct text picked_text(const struct picker *picker, enum field field);

/* Whether a string, complete or not, begins with `ascii`. */
bool picked_begins(const struct picker *picker, enum field field, const char *ascii);

#endif
