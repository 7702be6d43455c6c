#!/usr/bin/env bash
# run.sh SOURCE BUILD: installs the library of BUILD into a folder of its own, builds examples/embed against it as a
# program would (find_package, pkg-config, C), and runs what comes of it.
set -euo pipefail
source=$1 build=$2
work=$build/package
rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --component library --prefix "$work/installed" >"$work/install.log"
library=$(dirname "$(find "$work/installed" -name libquire.so)")

expect() { # NAME COMMAND...: runs in an empty folder, and compares what is said there
  mkdir "$work/$1-run"
  (cd "$work/$1-run" && "${@:2}") | diff "$work/expected" - || { echo "$1 said something else" >&2; exit 1; }
}

cat >"$work/expected" <<'TEXT'
{"place":"Zermatt","celsius":3.50,"wind":{"from":"west"}}
1 create_collection 
2 insert 7
3 update 7
TEXT

cmake -S "$source/examples/embed" -B "$work/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$work/installed" >"$work/cmake.log"
cmake --build "$work/cmake" >>"$work/cmake.log" || { cat "$work/cmake.log"; exit 1; }
expect cmake "$work/cmake/weather"
expect cmake-static "$work/cmake/weather_static"

export PKG_CONFIG_PATH=$library/pkgconfig
${CXX:-c++} -std=c++20 "$source/examples/embed/main.cc" -o "$work/weather" $(pkg-config --cflags --libs quire) -Wl,-rpath,"$library"
expect pkg-config "$work/weather"
${CXX:-c++} -std=c++20 "$source/examples/embed/main.cc" -o "$work/weather_static" $(pkg-config --cflags quire) \
  "$library/libquire.a" $(pkg-config --static --libs-only-l quire | sed 's/-lquire //')
expect pkg-config-static "$work/weather_static"

# The C header is C, and the public headers need nothing but a C++17 compiler.
echo '#include <quire/quire_c.h>' | ${CC:-cc} -std=c99 -Wall -Wpedantic -Werror -fsyntax-only $(pkg-config --cflags quire) -x c -
echo '#include <quire/quire.h>' | ${CXX:-c++} -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only $(pkg-config --cflags quire) -x c++ -

# Nothing but the public names is seen from outside.
nm -D --defined-only --format=just-symbols "$library/libquire.so" | c++filt | grep -v -E '^(quire::v1::|quire_[a-z]|(vtable|typeinfo|typeinfo name) for quire::v1::)' >"$work/seen" || true
[ ! -s "$work/seen" ] || { echo "libquire.so shows names of its own:"; head "$work/seen"; exit 1; }
