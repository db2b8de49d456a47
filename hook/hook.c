/* Tells Claude Monitor that something happened in Claude Code: reads the event from stdin, hands one line to the tray,
 * or leaves it in the spool. Takes no arguments, prints nothing, exits 0. See PROTOCOL.md. */
#include "line.h"
#include "os.h"

#include <string.h>

#define STDIN_US (1000 * 1000) /* a hook at the end of a session has 1.5 s in all */
#define DELIVERY_US (4 * 1000) /* connect, send and acknowledgement together */

static char payload[PAYLOAD_LIMIT];
static struct picker picker;
static struct line line;

/* Up to the end of the JSON document: the pipe may stay open after it. What is cut off by the limit or by the deadline
 * is still an event. */
static bool read_payload(void)
{
    int64_t deadline_us = os_clock_us() + STDIN_US;
    size_t length = 0;

    picker.payload = payload;
    while (length < PAYLOAD_LIMIT) {
        long count = os_read_stdin(payload + length, PAYLOAD_LIMIT - length, deadline_us);
        enum progress progress;

        if (count <= 0)
            return count == OS_DEADLINE;
        length += (size_t)count;
        progress = pick(&picker, length);
        if (progress != MORE)
            return progress == DONE;
    }
    return true;
}

static void spool(const struct stamp *stamp)
{
    char name[20 + 1 + ID_SIZE + sizeof ".json"];
    char *to = put_number(name, (uint64_t)stamp->wall_ms);

    *to++ = '-';
    memcpy(to, stamp->id, ID_SIZE - 1);
    memcpy(to + ID_SIZE - 1, ".json", sizeof ".json");
    os_spool(stamp->id, name, line.text, line.length);
}

int main(void)
{
    int64_t wall_us = os_wall_us(), began_us = os_clock_us();
    struct stamp stamp = {.wall_ms = wall_us / 1000, .awake_ms = os_awake_ms()};
    unsigned char random[8];

    os_shield();
    if (!read_payload())
        return 0;
    os_random(random, sizeof random);
    make_id(stamp.id, wall_us, random);
    stamp.took_us = os_clock_us() - began_us;
    if (!build_line(&line, &stamp, &picker))
        return 0;
    if (!os_enter_home())
        return 0;
    if (!os_deliver(line.text, line.length, os_clock_us() + DELIVERY_US))
        spool(&stamp);
    return 0;
}
