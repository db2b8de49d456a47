/* Reads payloads from stdin, each as a 32-bit length and its bytes, gives them to the picker in two pieces, and prints
 * the line of each, or an empty one. What the operating system would say is fixed. */
#include "line.h"
#include "os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *os_environment(const char *name)
{
    return strcmp(name, "CLAUDE_PROJECT_DIR") ? NULL : "/fuzz/\xff";
}

uint32_t os_parent(void) { return 42; }

static bool line_of(struct line *line, const char *payload, size_t length, size_t first)
{
    static struct picker picker;
    struct stamp stamp = {1, 2, 3, "00000000-0001-7000-8000-000000000000"};
    enum progress progress;

    memset(&picker, 0, sizeof picker);
    picker.payload = payload;
    progress = pick(&picker, first);
    if (progress == MORE)
        progress = pick(&picker, length);
    return progress != NO_JSON && build_line(line, &stamp, &picker);
}

int main(void)
{
    static struct line line;
    uint32_t length;

    while (fread(&length, sizeof length, 1, stdin) == 1) {
        char *payload = malloc(length ? length : 1); /* its own, so that one byte too far is noticed */

        if (!payload || fread(payload, 1, length, stdin) != length)
            return 1;
        if (line_of(&line, payload, length, length / 3))
            fwrite(line.text, 1, line.length, stdout);
        else
            putchar('\n');
        free(payload);
    }
    return 0;
}
