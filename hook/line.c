#include "line.h"

#include "os.h"

#include <string.h>

#define MEMBER_COUNT (FIELD_COUNT + 8)
#define DIGITS_LIMIT 15 /* every decoder has the whole of such an integer */

/* One `"key":value`. */
struct member {
    const char *start;
    size_t length;
    bool optional;
};

/* All members lie here one after the other before those that fit go to the line. */
struct draft {
    char *at;
    size_t count;
    struct member members[MEMBER_COUNT];
    char text[MEMBER_COUNT * (TEXT_LIMIT + 32)];
};

char *put_number(char *to, uint64_t number)
{
    char digits[20];
    int count = 0;

    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

static char *put_hex(char *to, uint64_t number, int digits)
{
    for (int i = digits - 1; i >= 0; i--, number >>= 4)
        to[i] = "0123456789abcdef"[number & 15];
    return to + digits;
}

void make_id(char id[ID_SIZE], int64_t wall_us, const unsigned char random[8])
{
    uint64_t wall_ms = (uint64_t)wall_us / 1000, part = (uint64_t)wall_us % 1000 * 4096 / 1000, low = 0;

    for (int i = 0; i < 8; i++)
        low = low << 8 | random[i];
    id = put_hex(id, wall_ms >> 16, 8);
    *id++ = '-';
    id = put_hex(id, wall_ms, 4);
    *id++ = '-';
    id = put_hex(id, 0x7000u | part, 4); /* version 7 */
    *id++ = '-';
    id = put_hex(id, 0x8000u | (low >> 48 & 0x3FFFu), 4); /* variant 10 */
    *id++ = '-';
    id = put_hex(id, low, 12);
    *id = '\0';
}

static char *put_plain(char *to, const char *from, size_t length)
{
    memcpy(to, from, length);
    return to + length;
}

static char *put_character(char *to, int32_t c)
{
    if (c == '"' || c == '\\')
        return *to++ = '\\', *to++ = (char)c, to;
    if (c < 0x20)
        return put_hex(put_plain(to, "\\u", 2), (uint64_t)c, 4);
    if (c < 0x80)
        return *to++ = (char)c, to;
    if (c < 0x800)
        *to++ = (char)(0xC0 | c >> 6);
    else if (c < 0x10000)
        *to++ = (char)(0xE0 | c >> 12), *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    else
        *to++ = (char)(0xF0 | c >> 18), *to++ = (char)(0x80 | (c >> 12 & 0x3F)), *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}

static char *put_string(char *to, struct text text)
{
    char *limit;

    *to++ = '"';
    limit = to + TEXT_LIMIT;
    for (int32_t c = text_next(&text); c != END_OF_TEXT; c = text_next(&text)) {
        char one[8];
        size_t length = (size_t)(put_character(one, c) - one);

        if (length > (size_t)(limit - to))
            break;
        to = put_plain(to, one, length);
    }
    *to++ = '"';
    return to;
}

static void begin_member(struct draft *draft, const char *key, bool optional)
{
    struct member *member = &draft->members[draft->count];

    member->start = draft->at;
    member->optional = optional;
    *draft->at++ = '"';
    draft->at = put_plain(draft->at, key, strlen(key));
    draft->at = put_plain(draft->at, "\":", 2);
}

static void end_member(struct draft *draft, char *end)
{
    struct member *member = &draft->members[draft->count++];

    member->length = (size_t)(end - member->start);
    draft->at = end;
}

static void add_number(struct draft *draft, const char *key, uint64_t number)
{
    begin_member(draft, key, false);
    end_member(draft, put_number(draft->at, number));
}

static void add_flag(struct draft *draft, const char *key, bool flag)
{
    begin_member(draft, key, true);
    end_member(draft, put_plain(draft->at, flag ? "true" : "false", flag ? 4 : 5));
}

static void add_text(struct draft *draft, const char *key, struct text text, bool optional)
{
    begin_member(draft, key, optional);
    end_member(draft, put_string(draft->at, text));
}

static void add_variable(struct draft *draft, const char *key, const char *variable)
{
    const char *value = os_environment(variable);

    if (value && *value)
        add_text(draft, key, (struct text){value, value + strlen(value), false}, true);
}

/* CLAUDE_PID where it is a positive decimal number, else the process that started this one. */
static uint32_t client_pid(void)
{
    const char *digit = os_environment("CLAUDE_PID");
    uint64_t pid = 0;

    while (digit && *digit >= '0' && *digit <= '9' && pid <= UINT32_MAX)
        pid = pid * 10 + (uint64_t)(*digit++ - '0');
    return digit && !*digit && pid > 0 && pid <= UINT32_MAX ? (uint32_t)pid : os_parent();
}

/* A short word of a fixed set, as opposed to prose that happens to stand under the same name. */
static bool is_code(struct text text, bool colon)
{
    int length = 0;

    for (int32_t c = text_next(&text); c != END_OF_TEXT; c = text_next(&text), length++)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'
              || c == '-' || (c == ':' && colon)))
            return false;
    return length >= 1 && length <= 64;
}

/* A fraction is cut off; what is negative, has an exponent or is absurdly large is left out. */
static void add_milliseconds(struct draft *draft, const char *key, const struct value *value)
{
    size_t digits = 0;

    for (const char *c = value->start; c < value->end; c++)
        if (*c == '-' || *c == 'e' || *c == 'E')
            return;
    while (value->start + digits < value->end && value->start[digits] != '.')
        digits++;
    if (digits > DIGITS_LIMIT)
        return;
    begin_member(draft, key, true);
    end_member(draft, put_plain(draft->at, value->start, digits));
}

/* The rules of each field: of what type it must be, and where else it would be what a program or a person said. */
static void add_field(struct draft *draft, const struct picker *picker, enum field field)
{
    const struct value *value = &picker->values[field];
    struct text text = picked_text(picker, field), event = picked_text(picker, HOOK_EVENT_NAME);

    switch (field) {
    case DURATION_MS:
        if (value->type == NUMBER)
            add_milliseconds(draft, field_names[field], value);
        return;
    case IS_INTERRUPT:
        if (value->type == TRUE || value->type == FALSE)
            add_flag(draft, field_names[field], value->type == TRUE);
        return;
    case ERROR_CODE:
        if (!text_equals(event, "StopFailure") || !is_code(text, false))
            return;
        break;
    case REASON:
        if (!text_equals(event, "SessionEnd") || !is_code(text, false))
            return;
        break;
    case SOURCE: case NOTIFICATION_TYPE: case PERMISSION_MODE:
        if (!is_code(text, true))
            return;
        break;
    default:
        break;
    }
    if (value->type == STRING)
        add_text(draft, field_names[field], text, field != HOOK_EVENT_NAME && field != SESSION_ID && field != CWD);
}

static void write_draft(struct draft *draft, const struct stamp *stamp, const struct picker *picker)
{
    const char *attended;
    struct text id = {stamp->id, stamp->id + ID_SIZE - 1, false};

    draft->at = draft->text;
    draft->count = 0;
    add_number(draft, "v", 1);
    add_text(draft, "id", id, false);
    add_number(draft, "t", (uint64_t)stamp->wall_ms);
    add_number(draft, "awake", (uint64_t)stamp->awake_ms);
    add_number(draft, "took_us", (uint64_t)stamp->took_us);
    add_number(draft, "pid", client_pid());
    add_variable(draft, "project_dir", "CLAUDE_PROJECT_DIR");
    add_variable(draft, "config_dir", "CLAUDE_CONFIG_DIR");
    attended = os_environment("CLAUDE_CODE_SESSION_ATTENDED");
    if (attended && (strcmp(attended, "0") == 0 || strcmp(attended, "1") == 0))
        add_flag(draft, "attended", *attended == '1');
    if (text_equals(picked_text(picker, HOOK_EVENT_NAME), "UserPromptSubmit")
        && picked_begins(picker, PROMPT, "<task-notification>"))
        add_flag(draft, "auto", true);
    for (int field = 0; field < PROMPT; field++)
        add_field(draft, picker, (enum field)field);
}

/* Takes out the longest optional members until the rest fits: braces, commas, newline. */
static void fit(struct draft *draft)
{
    size_t total = 2;

    for (size_t i = 0; i < draft->count; i++)
        total += draft->members[i].length + 1;
    while (total > LINE_LIMIT) {
        struct member *longest = NULL;

        for (struct member *m = draft->members; m < draft->members + draft->count; m++)
            if (m->optional && (!longest || m->length > longest->length))
                longest = m;
        if (!longest)
            return;
        total -= longest->length + 1;
        longest->length = 0;
        longest->optional = false;
    }
}

bool build_line(struct line *line, const struct stamp *stamp, const struct picker *picker)
{
    static struct draft draft;
    struct text event = picked_text(picker, HOOK_EVENT_NAME), session = picked_text(picker, SESSION_ID);
    char *to = line->text;

    if (event.at == event.end || session.at == session.end)
        return false;
    write_draft(&draft, stamp, picker);
    fit(&draft);
    *to++ = '{';
    for (size_t i = 0; i < draft.count; i++)
        if (draft.members[i].length) {
            to = put_plain(to, draft.members[i].start, draft.members[i].length);
            *to++ = ',';
        }
    to = put_plain(to - 1, "}\n", 2); /* over the last comma */
    line->length = (size_t)(to - line->text);
    return true;
}
