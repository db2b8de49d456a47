/* Builds the one line that leaves the process. PROTOCOL.md says what is in it. */
#ifndef LINE_H
#define LINE_H

#include "pick.h"

#define LINE_LIMIT (16 * 1024) /* with the newline */
#define TEXT_LIMIT 4096        /* one string, as it stands between its quotes */
#define ID_SIZE 37

/* When and by whom. */
struct stamp {
    int64_t wall_ms;
    int64_t awake_ms;
    int64_t took_us; /* so far */
    char id[ID_SIZE];
};

struct line {
    size_t length;
    char text[LINE_LIMIT];
};

/* Writes `number` in decimal to `to`, which has room for 20 digits, and returns the end. No zero byte. */
char *put_number(char *to, uint64_t number);

/* The UUIDv7 of `wall_us` and eight random bytes. Ids of one millisecond are in the order of its parts. */
void make_id(char id[ID_SIZE], int64_t wall_us, const unsigned char random[8]);

/* False: the payload is no event, and there is no line. */
bool build_line(struct line *line, const struct stamp *stamp, const struct picker *picker);

#endif
