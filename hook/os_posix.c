#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h> /* rename */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#define AWAKE_CLOCK CLOCK_UPTIME_RAW
#define DATA_FOLDER "/Library/Application Support"
#else
#define AWAKE_CLOCK CLOCK_MONOTONIC
#define DATA_FOLDER "/.local/share"
#endif

#define RETRY_US 300 /* between two attempts to connect to a listener whose queue is full */

void os_shield(void)
{
    sigset_t all;

    /* Blocked, they are forgotten at the exit: also SIGPIPE, and SIGXFSZ where files may not grow. */
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;

    return clock_gettime(clock, &now) ? 0 : (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t os_wall_us(void) { return clock_us(CLOCK_REALTIME); }
int64_t os_awake_ms(void) { return clock_us(AWAKE_CLOCK) / 1000; }
int64_t os_clock_us(void) { return clock_us(AWAKE_CLOCK); }

void os_random(unsigned char *bytes, size_t count)
{
    if (getentropy(bytes, count) == 0)
        return;
    /* A sandbox without it: two hooks still differ by process and by time. */
    uint64_t mixed = (uint64_t)getpid() << 32 ^ (uint64_t)clock_us(AWAKE_CLOCK) * 0x9E3779B97F4A7C15u;

    for (size_t i = 0; i < count; i++, mixed = mixed * 0xD1342543DE82EF95u + 1)
        bytes[i] = (unsigned char)(mixed >> 56);
}

uint32_t os_parent(void) { return (uint32_t)getppid(); }
const char *os_environment(const char *name) { return getenv(name); }

/* False when the deadline is over first. */
static bool wait_for(int fd, short events, int64_t deadline_us)
{
    struct pollfd fds = {fd, events, 0};
    int64_t left_us = deadline_us - os_clock_us();

    if (left_us <= 0)
        return false;
#ifdef __linux__
    struct timespec left = {left_us / 1000000, left_us % 1000000 * 1000};

    return ppoll(&fds, 1, &left, NULL) > 0;
#else
    return poll(&fds, 1, (int)((left_us + 999) / 1000)) > 0;
#endif
}

long os_read_stdin(char *to, size_t room, int64_t deadline_us)
{
    ssize_t count;

    do {
        if (!wait_for(STDIN_FILENO, POLLIN, deadline_us))
            return OS_DEADLINE;
        count = read(STDIN_FILENO, to, room);
    } while (count < 0 && errno == EAGAIN); /* somebody set it non-blocking and another reader was faster */
    return count < 0 ? 0 : (long)count;
}

static bool is_absolute(const char *path) { return path && *path == '/'; }

static bool append(char *path, size_t *length, const char *part)
{
    size_t more = strlen(part);

    if (more >= PATH_MAX - *length)
        return false;
    memcpy(path + *length, part, more + 1);
    *length += more;
    return true;
}

/* False where there is none, or none that fits. The rule is platformdirs': see PROTOCOL.md. */
static bool find_home(char path[PATH_MAX])
{
    const char *chosen = getenv("CLAUDE_MONITOR_HOME"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    size_t length = 0;

    if (chosen && *chosen)
        return is_absolute(chosen) && append(path, &length, chosen);
    if (is_absolute(data))
        return append(path, &length, data) && append(path, &length, "/claude-monitor");
    if (!is_absolute(home)) {
        const struct passwd *user = getpwuid(getuid());

        home = user ? user->pw_dir : NULL;
    }
    return is_absolute(home) && append(path, &length, home) && append(path, &length, DATA_FOLDER "/claude-monitor");
}

static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    mkdir(path, 0700);
}

bool os_enter_home(void)
{
    static char home[PATH_MAX];
    struct stat here;

    if (!find_home(home))
        return false;
    if (chdir(home)) {
        if (errno != ENOENT)
            return false;
        make_folders(home);
        if (chdir(home))
            return false;
    }
    return stat(".", &here) == 0 && here.st_uid == geteuid();
}

static int open_socket(void)
{
#ifdef SOCK_NONBLOCK
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (fd >= 0)
        fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
#endif
}

static bool connect_by(int fd, int64_t deadline_us)
{
    /* Relative: the whole name would not fit into a sockaddr_un for every home. */
    static const struct sockaddr_un listener = {.sun_family = AF_UNIX, .sun_path = "hook.sock"};

    while (connect(fd, (const struct sockaddr *)&listener, sizeof listener)) {
        struct timespec pause = {0, RETRY_US * 1000};

        if (errno != EAGAIN || os_clock_us() + RETRY_US >= deadline_us)
            return false;
        nanosleep(&pause, NULL); /* poll does not tell when a full queue has room again */
    }
    return true;
}

static bool send_by(int fd, const char *line, size_t length, int64_t deadline_us)
{
    while (length) {
        ssize_t count = send(fd, line, length, 0);

        if (count < 0 && (errno != EAGAIN || !wait_for(fd, POLLOUT, deadline_us)))
            return false;
        if (count > 0) {
            line += count;
            length -= (size_t)count;
        }
    }
    return true;
}

static bool accepted_by(int fd, int64_t deadline_us)
{
    char reply[sizeof ACCEPTED - 1];
    size_t length = 0;

    while (length < sizeof reply) {
        ssize_t count;

        if (!wait_for(fd, POLLIN, deadline_us))
            return false;
        count = recv(fd, reply + length, sizeof reply - length, 0);
        if (count == 0 || (count < 0 && errno != EAGAIN))
            return false;
        if (count > 0)
            length += (size_t)count;
    }
    return memcmp(reply, ACCEPTED, sizeof reply) == 0;
}

bool os_deliver(const char *line, size_t length, int64_t deadline_us)
{
    int fd = open_socket();

    if (fd < 0 || !connect_by(fd, deadline_us) || !send_by(fd, line, length, deadline_us))
        return false;
    shutdown(fd, SHUT_WR); /* so that the listener need not wait for what else may come */
    return accepted_by(fd, deadline_us);
}

static bool write_all(int fd, const char *line, size_t length)
{
    while (length) {
        ssize_t count = write(fd, line, length);

        if (count < 0)
            return false;
        line += count;
        length -= (size_t)count;
    }
    return true;
}

static int create(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static void make_spool(void)
{
    mkdir("spool", 0700);
    mkdir("spool/tmp", 0700);
    mkdir("spool/new", 0700);
}

void os_spool(const char *id, const char *name, const char *line, size_t length)
{
    char written[64] = "spool/tmp/", complete[96] = "spool/new/";
    bool whole;
    int fd;

    strcat(written, id);
    strcat(complete, name);
    fd = create(written);
    if (fd < 0 && errno == ENOENT) {
        make_spool();
        fd = create(written);
    }
    if (fd < 0)
        return;
    whole = write_all(fd, line, length);
    whole = close(fd) == 0 && whole;
    if (whole && rename(written, complete) == 0)
        return;
    make_spool();
    if (!whole || rename(written, complete))
        unlink(written);
}
