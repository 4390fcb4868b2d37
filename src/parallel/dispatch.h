#ifndef GLMPP_PARALLEL_DISPATCH_H
#define GLMPP_PARALLEL_DISPATCH_H

#include "instruction_set.h"
#include "pack.h"

// Ends a function: returns function(arguments...) of the namespace `avx512`, `avx2` or `baseline`, where one kernel is
// compiled for each, as instruction_set() says.
#ifdef GLMPP_X86_PACKS
#define GLMPP_DISPATCH(function, ...)                                  \
  switch (instruction_set()) {                                         \
    case InstructionSet::avx512: return avx512::function(__VA_ARGS__); \
    case InstructionSet::avx2: return avx2::function(__VA_ARGS__);     \
    case InstructionSet::baseline: break;                              \
  }                                                                    \
  return baseline::function(__VA_ARGS__);
#else
#define GLMPP_DISPATCH(function, ...) return baseline::function(__VA_ARGS__);
#endif

#endif
