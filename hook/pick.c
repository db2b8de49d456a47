#include "pick.h"

const char *const field_names[FIELD_COUNT] = {
    "hook_event_name", "session_id", "prompt_id", "agent_id", "agent_type", "cwd", "transcript_path",
    "permission_mode", "source", "reason", "notification_type", "tool_name", "tool_use_id", "duration_ms", "model",
    "is_interrupt", "error", "prompt",
};

enum state {
    START, FIRST_KEY, KEY, COLON, FIRST_VALUE, VALUE, AFTER_VALUE, /* white space may stand here */
    IN_STRING, IN_ESCAPE, IN_HEX, IN_WORD,
    MINUS, ZERO, INTEGER, POINT, FRACTION, EXPONENT, SIGN, POWER, /* how far a number has come */
    BROKEN
};

static bool in_array(const struct picker *p)
{
    return p->arrays[(p->depth - 1) / 8] >> (p->depth - 1) % 8 & 1;
}

static int open_bracket(struct picker *p, bool array)
{
    unsigned char bit = (unsigned char)(1 << p->depth % 8);
    unsigned char *byte = &p->arrays[p->depth / 8];

    *byte = (unsigned char)(array ? *byte | bit : *byte & ~bit);
    p->depth++;
    p->wanted = NULL; /* nothing inside a value is */
    return array ? FIRST_VALUE : FIRST_KEY;
}

static int close_bracket(struct picker *p, bool array)
{
    if (in_array(p) != array)
        return BROKEN;
    p->depth--;
    return AFTER_VALUE;
}

static int begin_token(struct picker *p, int state)
{
    p->token = p->payload + p->at;
    return state;
}

static int begin_word(struct picker *p, const char *letters)
{
    p->letters = letters;
    return begin_token(p, IN_WORD);
}

static int begin_string(struct picker *p, bool key)
{
    p->key = key;
    if (!key && p->wanted)
        p->wanted->start = p->payload + p->at + 1; /* a prompt is known by its beginning, cut or not */
    return begin_token(p, IN_STRING);
}

static int begin_value(struct picker *p, char c)
{
    switch (c) {
    case '{': return open_bracket(p, false);
    case '[': return open_bracket(p, true);
    case '"': return begin_string(p, false);
    case 't': return begin_word(p, "rue");
    case 'f': return begin_word(p, "alse");
    case 'n': return begin_word(p, "ull");
    case '-': return begin_token(p, MINUS);
    case '0': return begin_token(p, ZERO);
    default: return c >= '1' && c <= '9' ? begin_token(p, INTEGER) : BROKEN;
    }
}

/* The token ended before `end`. */
static int end_value(struct picker *p, enum type type, const char *end)
{
    if (p->wanted) {
        p->wanted->type = type;
        p->wanted->start = type == STRING ? p->token + 1 : p->token;
        p->wanted->end = end;
    }
    return AFTER_VALUE;
}

/* The first of two keys of one name counts. */
static struct value *value_of_key(struct picker *p, struct text key)
{
    for (int field = 0; field < FIELD_COUNT; field++)
        if (text_equals(key, field_names[field])) {
            if (p->values[field].type != ABSENT)
                return NULL;
            p->values[field].type = SEEN;
            return &p->values[field];
        }
    return NULL;
}

static int end_string(struct picker *p)
{
    const char *end = p->payload + p->at;

    if (!p->key)
        return end_value(p, STRING, end);
    p->wanted = p->depth == 1 ? value_of_key(p, (struct text){p->token + 1, end, true}) : NULL;
    return COLON;
}

static int in_string(struct picker *p, char c)
{
    return c == '"' ? end_string(p) : c == '\\' ? IN_ESCAPE : (unsigned char)c < 0x20 ? BROKEN : IN_STRING;
}

static int in_escape(struct picker *p, char c)
{
    switch (c) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        return IN_STRING;
    case 'u':
        p->hex_digits = 4;
        return IN_HEX;
    default:
        return BROKEN;
    }
}

static int in_hex(struct picker *p, char c)
{
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
        return BROKEN;
    return --p->hex_digits ? IN_HEX : IN_STRING;
}

static int in_word(struct picker *p, char c)
{
    if (c != *p->letters++)
        return BROKEN;
    if (*p->letters)
        return IN_WORD;
    return end_value(p, *p->token == 't' ? TRUE : *p->token == 'f' ? FALSE : SEEN, p->payload + p->at + 1);
}

/* AFTER_VALUE: `c` is no part of the number any more. */
static int in_number(int state, char c)
{
    bool digit = c >= '0' && c <= '9', exponent = c == 'e' || c == 'E';

    switch (state) {
    case MINUS: return c == '0' ? ZERO : digit ? INTEGER : BROKEN;
    case ZERO: return c == '.' ? POINT : exponent ? EXPONENT : AFTER_VALUE;
    case INTEGER: return digit ? INTEGER : c == '.' ? POINT : exponent ? EXPONENT : AFTER_VALUE;
    case POINT: return digit ? FRACTION : BROKEN;
    case FRACTION: return digit ? FRACTION : exponent ? EXPONENT : AFTER_VALUE;
    case EXPONENT: return digit ? POWER : c == '+' || c == '-' ? SIGN : BROKEN;
    case SIGN: return digit ? POWER : BROKEN;
    default: return digit ? POWER : AFTER_VALUE;
    }
}

static int after_value(struct picker *p, char c)
{
    if (c == ',')
        return in_array(p) ? VALUE : KEY;
    return c == '}' || c == ']' ? close_bracket(p, c == ']') : BROKEN;
}

static int between_tokens(struct picker *p, char c)
{
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return p->state;
    switch (p->state) {
    case START: return c == '{' ? open_bracket(p, false) : BROKEN;
    case FIRST_KEY: return c == '}' ? close_bracket(p, false) : c == '"' ? begin_string(p, true) : BROKEN;
    case KEY: return c == '"' ? begin_string(p, true) : BROKEN;
    case COLON: return c == ':' ? VALUE : BROKEN;
    case FIRST_VALUE: return c == ']' ? close_bracket(p, true) : begin_value(p, c);
    case VALUE: return begin_value(p, c);
    default: return after_value(p, c);
    }
}

static int step(struct picker *p, char c)
{
    switch (p->state) {
    case IN_STRING: return in_string(p, c);
    case IN_ESCAPE: return in_escape(p, c);
    case IN_HEX: return in_hex(p, c);
    case IN_WORD: return in_word(p, c);
    }
    if (p->state >= MINUS) {
        p->state = in_number(p->state, c);
        if (p->state != AFTER_VALUE)
            return p->state;
        end_value(p, NUMBER, p->payload + p->at);
    }
    return between_tokens(p, c);
}

/* Most of a large payload is inside of strings that nobody wants. */
static size_t skip_plain(const char *payload, size_t at, size_t length)
{
    while (at < length && payload[at] != '"' && payload[at] != '\\' && (unsigned char)payload[at] >= 0x20)
        at++;
    return at;
}

enum progress pick(struct picker *p, size_t length)
{
    for (; p->at < length; p->at++) {
        if (p->state == IN_STRING && (p->at = skip_plain(p->payload, p->at, length)) == length)
            break;
        p->state = step(p, p->payload[p->at]);
        if (p->state == BROKEN)
            return NO_JSON;
        if (p->depth == 0 && p->state == AFTER_VALUE)
            return DONE;
    }
    return MORE;
}

struct text picked_text(const struct picker *p, enum field field)
{
    const struct value *value = &p->values[field];

    return value->type == STRING ? (struct text){value->start, value->end, true} : (struct text){NULL, NULL, true};
}

bool picked_begins(const struct picker *p, enum field field, const char *ascii)
{
    const struct value *value = &p->values[field];
    const char *end = value->end ? value->end : p->payload + p->at;

    return value->start && text_begins((struct text){value->start, end, true}, ascii);
}
