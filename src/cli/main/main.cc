#include "cli/run.h"

int main(int count, char** values) { return quire::cli::run({values + 1, values + count}); }
