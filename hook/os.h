/* What the hook needs of an operating system: os_posix.c, os_windows.c. Everything is UTF-8 on this side. */
#ifndef OS_H
#define OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OS_DEADLINE (-1)
#define ACCEPTED "{\"ok\":true"

/* From here on no signal stops the hook half-way; it is done in a second anyway. */
void os_shield(void);

int64_t os_wall_us(void);
/* Does not advance while the machine sleeps. */
int64_t os_awake_ms(void);
/* For deadlines and lengths of time only. */
int64_t os_clock_us(void);

void os_random(unsigned char *bytes, size_t count);
uint32_t os_parent(void);

/* NULL where it is not set. Good until the next call. */
const char *os_environment(const char *name);

/* Bytes read, 0 at the end or after an error, OS_DEADLINE. */
long os_read_stdin(char *to, size_t room, int64_t deadline_us);

/* Finds the home folder, makes it where it is missing, and makes sure of its owner. */
bool os_enter_home(void);

/* True when the listener has taken the line. */
bool os_deliver(const char *line, size_t length, int64_t deadline_us);

/* Writes spool/tmp/`id`, then makes spool/new/`name` of it. */
void os_spool(const char *id, const char *name, const char *line, size_t length);

#endif
