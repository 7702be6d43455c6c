#include "engine/decide.h"

namespace quire::engine {

Decision decide(const Caller& caller, Action, const Target&) {
  switch (caller.kind()) {
    case Caller::Kind::admin: return Predicate();
    case Caller::Kind::anonymous: break;
  }
  return Error(ErrorCode::unauthenticated, "this needs an identity, and the call shows none");
}

}  // namespace quire::engine
