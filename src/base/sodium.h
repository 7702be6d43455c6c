#pragma once

#include <sodium.h>

#include "base/check.h"

// libsodium, for the sources of this folder alone.
namespace quire {

// Lets libsodium choose its code for this processor (BLAKE2b is several times faster with AVX2) and open its
// random generator, both once. Cheap to call again, from any thread.
inline void start_sodium() {
  static const bool started = sodium_init() >= 0;
  QUIRE_CHECK(started, "libsodium found no source of randomness");
}

}  // namespace quire
