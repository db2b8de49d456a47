#define WIN32_LEAN_AND_MEAN
#include "os.h"

#include <windows.h>

#include <initguid.h>
#include <knownfolders.h>
#include <sddl.h>
#include <shlobj.h>
#include <string.h>
#include <winternl.h>

#define VARIABLE_LIMIT 32768          /* characters of an environment variable, and of a path */
#define PIPE_NAME L"\\\\.\\pipe\\claude-monitor-"
#define UNIX_EPOCH 116444736000000000 /* in FILETIME's 100 ns */
#define SPARE 64                      /* characters for "\\?\UNC\" and "\claude-monitor" */
#define BELOW_HOME 128                /* characters of the longest name in the spool */

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); /* RtlGenRandom, by the only name it is exported under */

static wchar_t home[VARIABLE_LIMIT + SPARE];
static size_t home_length;

/* Signals do not end a process here; Ctrl-C in the console that the client shares does. */
void os_shield(void) { SetConsoleCtrlHandler(NULL, TRUE); }

int64_t os_wall_us(void)
{
    FILETIME now;

    GetSystemTimePreciseAsFileTime(&now);
    return ((int64_t)((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) - UNIX_EPOCH) / 10;
}

int64_t os_awake_ms(void)
{
    ULONGLONG now = 0;

    QueryUnbiasedInterruptTime(&now);
    return (int64_t)(now / 10000);
}

int64_t os_clock_us(void)
{
    LARGE_INTEGER now, second;

    QueryPerformanceFrequency(&second);
    QueryPerformanceCounter(&now);
    return now.QuadPart / second.QuadPart * 1000000 + now.QuadPart % second.QuadPart * 1000000 / second.QuadPart;
}

void os_random(unsigned char *bytes, size_t count) { SystemFunction036(bytes, (ULONG)count); }

uint32_t os_parent(void)
{
    PROCESS_BASIC_INFORMATION self = {0};

    NtQueryInformationProcess(GetCurrentProcess(), ProcessBasicInformation, &self, sizeof self, NULL);
    return (uint32_t)(ULONG_PTR)self.InheritedFromUniqueProcessId;
}

/* NULL where it is not set or empty. Good until the next call. */
static const wchar_t *variable(const wchar_t *name)
{
    static wchar_t value[VARIABLE_LIMIT];
    DWORD length = GetEnvironmentVariableW(name, value, VARIABLE_LIMIT);

    return length > 0 && length < VARIABLE_LIMIT ? value : NULL;
}

static const char *utf8(const wchar_t *wide)
{
    static char text[3 * VARIABLE_LIMIT];

    return wide && WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof text, NULL, NULL) ? text : NULL;
}

const char *os_environment(const char *name)
{
    wchar_t wide[64];

    return MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 64) ? utf8(variable(wide)) : NULL;
}

static DWORD left_ms(int64_t deadline_us)
{
    int64_t left_us = deadline_us - os_clock_us();

    return left_us > 0 ? (DWORD)((left_us + 999) / 1000) : 0;
}

/* An anonymous pipe cannot be waited for: it is looked at every millisecond. */
static long wait_for_stdin(HANDLE input, int64_t deadline_us)
{
    DWORD there = 0;

    while (PeekNamedPipe(input, NULL, 0, NULL, &there, NULL)) {
        if (there)
            return 1;
        if (!left_ms(deadline_us))
            return OS_DEADLINE;
        Sleep(1);
    }
    return GetLastError() == ERROR_BROKEN_PIPE ? 0 : 1; /* 1: a file, which never blocks for long */
}

long os_read_stdin(char *to, size_t room, int64_t deadline_us)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    DWORD count = 0;
    long ready;

    if (!input || input == INVALID_HANDLE_VALUE || GetFileType(input) == FILE_TYPE_CHAR)
        return 0;
    ready = wait_for_stdin(input, deadline_us);
    if (ready <= 0)
        return ready;
    return ReadFile(input, to, (DWORD)room, &count, NULL) ? (long)count : 0;
}

static bool is_separator(wchar_t c) { return c == L'\\' || c == L'/'; }
static bool is_space(wchar_t c) { return c == L' ' || (c >= L'\t' && c <= L'\r'); }

static bool is_absolute(const wchar_t *path)
{
    bool letter = (path[0] >= L'A' && path[0] <= L'Z') || (path[0] >= L'a' && path[0] <= L'z');

    return (letter && path[1] == L':' && is_separator(path[2])) || (is_separator(path[0]) && is_separator(path[1]));
}

/* Sets `home` to the whole path, in the form that may be longer than 260 characters. */
static bool set_home(const wchar_t *path)
{
    static wchar_t whole[VARIABLE_LIMIT];
    DWORD length = GetFullPathNameW(path, VARIABLE_LIMIT, whole, NULL);
    bool share = length > 2 && whole[0] == L'\\' && whole[1] == L'\\';
    bool verbatim = share && (whole[2] == L'?' || whole[2] == L'.');

    if (length == 0 || length >= VARIABLE_LIMIT)
        return false;
    wcscpy(home, verbatim ? L"" : share ? L"\\\\?\\UNC\\" : L"\\\\?\\");
    wcscat(home, whole + (share && !verbatim ? 2 : 0));
    home_length = wcslen(home);
    while (is_separator(home[home_length - 1]))
        home[--home_length] = L'\0';
    return true;
}

static void append_to_home(const wchar_t *name)
{
    wcscpy(home + home_length, name);
    home_length += wcslen(name);
}

/* platformdirs' way to move the folder, for tests. Surrounding white space does not count. */
static const wchar_t *overridden_data_folder(void)
{
    static wchar_t folder[VARIABLE_LIMIT];
    const wchar_t *value = variable(L"WIN_PD_OVERRIDE_LOCAL_APPDATA");
    size_t length;

    if (!value)
        return NULL;
    while (is_space(*value))
        value++;
    wcscpy(folder, value);
    for (length = wcslen(folder); length && is_space(folder[length - 1]); length--)
        folder[length - 1] = L'\0';
    return is_absolute(folder) ? folder : NULL;
}

static bool find_home(void)
{
    const wchar_t *chosen = variable(L"CLAUDE_MONITOR_HOME"), *data;
    wchar_t *known;

    if (chosen)
        return is_absolute(chosen) && set_home(chosen);
    data = overridden_data_folder();
    if (!data) {
        if (SHGetKnownFolderPath(&FOLDERID_LocalAppData, KF_FLAG_DONT_VERIFY, NULL, &known) != S_OK)
            return false;
        data = known;
    }
    if (!set_home(data))
        return false;
    append_to_home(L"\\claude-monitor");
    return true;
}

static bool is_folder(const wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
}

static void make_folders(wchar_t *path)
{
    for (wchar_t *slash = wcschr(path + 4, L'\\'); slash; slash = wcschr(slash + 1, L'\\')) {
        *slash = L'\0';
        CreateDirectoryW(path, NULL);
        *slash = L'\\';
    }
    CreateDirectoryW(path, NULL);
}

bool os_enter_home(void)
{
    if (!find_home())
        return false;
    if (!is_folder(home))
        make_folders(home);
    return is_folder(home);
}

/* FNV-1a, so that two homes of one user do not share a pipe. */
static void put_hash(wchar_t hash[17], const char *value)
{
    uint64_t sum = 0xCBF29CE484222325u;

    for (; *value; value++)
        sum = (sum ^ (unsigned char)*value) * 0x100000001B3u;
    for (int i = 15; i >= 0; i--, sum >>= 4)
        hash[i] = L"0123456789abcdef"[sum & 15];
    hash[16] = L'\0';
}

static bool name_pipe(wchar_t name[256])
{
    static union { TOKEN_USER user; unsigned char bytes[256]; } token;
    HANDLE handle;
    DWORD size;
    wchar_t *sid, hash[17];
    const wchar_t *chosen = variable(L"CLAUDE_MONITOR_HOME");

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &handle)
        || !GetTokenInformation(handle, TokenUser, &token, sizeof token, &size)
        || !ConvertSidToStringSidW(token.user.User.Sid, &sid))
        return false;
    wcscpy(name, PIPE_NAME);
    wcscat(name, sid);
    if (chosen) {
        put_hash(hash, utf8(chosen));
        wcscat(name, L"-");
        wcscat(name, hash);
    }
    return true;
}

static HANDLE connect_by(int64_t deadline_us)
{
    wchar_t name[256];
    HANDLE pipe;

    if (!name_pipe(name))
        return INVALID_HANDLE_VALUE;
    for (;;) {
        /* Whoever made the pipe may learn who we are, and may not act as us. */
        pipe = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                           FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
        if (pipe != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY || !left_ms(deadline_us))
            return pipe;
        WaitNamedPipeW(name, left_ms(deadline_us)); /* somebody else may take the free one first */
    }
}

/* Bytes moved by the deadline, 0 when none. */
static DWORD finish_by(HANDLE pipe, BOOL done, OVERLAPPED *operation, int64_t deadline_us)
{
    DWORD count = 0;

    if (!done && GetLastError() != ERROR_IO_PENDING)
        return 0;
    if (WaitForSingleObject(operation->hEvent, left_ms(deadline_us)) != WAIT_OBJECT_0)
        CancelIo(pipe);
    return GetOverlappedResult(pipe, operation, &count, TRUE) ? count : 0;
}

static bool send_by(HANDLE pipe, const char *line, size_t length, int64_t deadline_us)
{
    while (length) {
        OVERLAPPED operation = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
        BOOL done = WriteFile(pipe, line, (DWORD)length, NULL, &operation);
        DWORD count = finish_by(pipe, done, &operation, deadline_us);

        if (!count)
            return false;
        line += count;
        length -= count;
    }
    return true;
}

static bool accepted_by(HANDLE pipe, int64_t deadline_us)
{
    char reply[sizeof ACCEPTED - 1];
    size_t length = 0;

    while (length < sizeof reply) {
        OVERLAPPED operation = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
        BOOL done = ReadFile(pipe, reply + length, (DWORD)(sizeof reply - length), NULL, &operation);
        DWORD count = finish_by(pipe, done, &operation, deadline_us);

        if (!count)
            return false;
        length += count;
    }
    return memcmp(reply, ACCEPTED, sizeof reply) == 0;
}

bool os_deliver(const char *line, size_t length, int64_t deadline_us)
{
    HANDLE pipe = connect_by(deadline_us);

    return pipe != INVALID_HANDLE_VALUE && send_by(pipe, line, length, deadline_us) && accepted_by(pipe, deadline_us);
}

static wchar_t *below_home(wchar_t *path, const wchar_t *folder, const char *name)
{
    wchar_t *end = path + home_length + wcslen(folder);

    wcscpy(path, home);
    wcscpy(path + home_length, folder);
    do
        *end++ = (wchar_t)*name;
    while (*name++);
    return path;
}

static HANDLE create(const wchar_t *path)
{
    return CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
}

static void make_spool(void)
{
    static wchar_t path[VARIABLE_LIMIT + SPARE + BELOW_HOME];

    CreateDirectoryW(below_home(path, L"\\spool", ""), NULL);
    CreateDirectoryW(below_home(path, L"\\spool\\tmp", ""), NULL);
    CreateDirectoryW(below_home(path, L"\\spool\\new", ""), NULL);
}

void os_spool(const char *id, const char *name, const char *line, size_t length)
{
    static wchar_t written[VARIABLE_LIMIT + SPARE + BELOW_HOME], complete[VARIABLE_LIMIT + SPARE + BELOW_HOME];
    HANDLE file = create(below_home(written, L"\\spool\\tmp\\", id));
    DWORD count = 0;
    bool whole;

    if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_PATH_NOT_FOUND) {
        make_spool();
        file = create(written);
    }
    if (file == INVALID_HANDLE_VALUE)
        return;
    whole = WriteFile(file, line, (DWORD)length, &count, NULL) && count == length;
    whole = CloseHandle(file) && whole;
    below_home(complete, L"\\spool\\new\\", name);
    if (whole && MoveFileExW(written, complete, 0))
        return;
    make_spool();
    if (!whole || !MoveFileExW(written, complete, 0))
        DeleteFileW(written);
}
