/* Reads the characters of a string, whatever it holds. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stdint.h>

#define REPLACEMENT 0xFFFD
#define END_OF_TEXT (-1)

/* UTF-8 from `at` to `end`. `escaped` says that it is the inside of a JSON string, with its escapes. */
struct text {
    const char *at;
    const char *end;
    bool escaped;
};

/* Takes the next character off: a code point, or END_OF_TEXT. What no file, database or decoder likes (NUL, half a
 * surrogate pair, a byte that is not UTF-8, an escape that is cut off) comes out as REPLACEMENT. */
int32_t text_next(struct text *text);

bool text_begins(struct text text, const char *ascii);
bool text_equals(struct text text, const char *ascii);

#endif
