/* A listener on Windows for the tests: windows_listener PIPE-SUFFIX REPLY. Prints `ready`, then the one line it gets. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <sddl.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    static char name[512], line[32768];
    union { TOKEN_USER user; unsigned char bytes[256]; } token;
    HANDLE self, pipe;
    DWORD count, length = 0;
    char *sid;

    if (argc != 3 || !OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &self)
        || !GetTokenInformation(self, TokenUser, &token, sizeof token, &count)
        || !ConvertSidToStringSidA(token.user.User.Sid, &sid))
        return 1;
    snprintf(name, sizeof name, "\\\\.\\pipe\\claude-monitor-%s%s", sid, argv[1]);
    pipe = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_WAIT, 1, 65536, 65536, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
        return 1;
    puts("ready");
    fflush(stdout);
    if (!ConnectNamedPipe(pipe, NULL) && GetLastError() != ERROR_PIPE_CONNECTED)
        return 1;
    while (!memchr(line, '\n', length) && ReadFile(pipe, line + length, sizeof line - length, &count, NULL))
        length += count;
    fwrite(line, 1, length, stdout);
    WriteFile(pipe, argv[2], (DWORD)strlen(argv[2]), &count, NULL);
    FlushFileBuffers(pipe);
    return 0;
}
