/* The tool behind the shims: one that takes no time of its own. */
int main(void)
{
    return 0;
}
