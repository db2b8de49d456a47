#include "text.h"

#include <string.h>

static int32_t hex4(struct text *text)
{
    int32_t value = 0;

    if (text->end - text->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = text->at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    text->at += 4;
    return value;
}

/* After `\u`. A high surrogate takes the low one that follows it along. */
static int32_t unicode_escape(struct text *text)
{
    int32_t high = hex4(text);

    if (high >= 0xD800 && high <= 0xDBFF && text->end - text->at >= 6 && memcmp(text->at, "\\u", 2) == 0) {
        struct text rest = {text->at + 2, text->end, true};
        int32_t low = hex4(&rest);

        if (low >= 0xDC00 && low <= 0xDFFF) {
            text->at = rest.at;
            return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return high > 0 && (high < 0xD800 || high > 0xDFFF) ? high : REPLACEMENT;
}

/* After a backslash. */
static int32_t escape(struct text *text)
{
    if (text->at == text->end)
        return REPLACEMENT;
    switch (*text->at++) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': return unicode_escape(text);
    default: return text->at[-1];
    }
}

/* The bytes that follow `first` in its UTF-8 sequence, and the bits that `first` holds. -1: it begins none. */
static int sequence(unsigned char first, int32_t *bits)
{
    if (first >= 0xC2 && first <= 0xDF)
        return *bits = first & 0x1F, 1;
    if (first >= 0xE0 && first <= 0xEF)
        return *bits = first & 0x0F, 2;
    if (first >= 0xF0 && first <= 0xF4)
        return *bits = first & 0x07, 3;
    return -1;
}

/* `first` is taken already. On a fault only that one byte is, so that each bad byte is replaced by itself. */
static int32_t multibyte(struct text *text, unsigned char first)
{
    static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
    int32_t value = 0;
    int more = sequence(first, &value);

    if (more < 0 || text->end - text->at < more)
        return REPLACEMENT;
    for (int i = 0; i < more; i++) {
        unsigned char next = (unsigned char)text->at[i];

        if ((next & 0xC0) != 0x80)
            return REPLACEMENT;
        value = value << 6 | (next & 0x3F);
    }
    if (value < least[more] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return REPLACEMENT;
    text->at += more;
    return value;
}

int32_t text_next(struct text *text)
{
    unsigned char first;

    if (text->at == text->end)
        return END_OF_TEXT;
    first = (unsigned char)*text->at++;
    if (first == '\\' && text->escaped)
        return escape(text);
    if (first >= 0x80)
        return multibyte(text, first);
    return first ? first : REPLACEMENT;
}

bool text_begins(struct text text, const char *ascii)
{
    for (; *ascii; ascii++)
        if (text_next(&text) != *ascii)
            return false;
    return true;
}

bool text_equals(struct text text, const char *ascii)
{
    for (; *ascii; ascii++)
        if (text_next(&text) != *ascii)
            return false;
    return text.at == text.end;
}
