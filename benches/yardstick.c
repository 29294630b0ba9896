/*
 * Everybody's cheapest possible shim: looks for its own name on PATH, skips
 * the folder that it was started from, and execs what it finds. It reads
 * nothing, judges nothing and survives none of the traps in tests/exec.rs:
 * what a shim costs before it does anything of use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *self = (const char *)getauxval(AT_EXECFN);
    const char *slash = self ? strrchr(self, '/') : NULL;
    const char *path = getenv("PATH");
    if (argc < 1 || !slash || !path)
        return 127;
    size_t own = (size_t)(slash - self);
    char file[4096];
    while (*path) {
        size_t length = strcspn(path, ":");
        if (length != own || memcmp(path, self, own) != 0) {
            int size = snprintf(file, sizeof file, "%.*s/%s", (int)length, path, slash + 1);
            if (size > 0 && (size_t)size < sizeof file && access(file, X_OK) == 0) {
                execv(file, argv);
                return 126;
            }
        }
        path += length;
        if (*path == ':')
            path++;
    }
    return 127;
}
