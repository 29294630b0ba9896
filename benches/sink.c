/* A tool that reads its standard input to the end, as psql would. */
#include <unistd.h>

int main(void)
{
    static char chunk[1 << 16];
    while (read(0, chunk, sizeof chunk) > 0)
        ;
    return 0;
}
