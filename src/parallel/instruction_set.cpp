#include "instruction_set.h"

#include <algorithm>
#include <atomic>

#include "pack.h"

namespace glmpp {

namespace {

InstructionSet detect() {
#ifdef GLMPP_X86_PACKS
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  if (avx2 && avx512) return InstructionSet::avx512;
  if (avx2) return InstructionSet::avx2;
#endif
  return InstructionSet::baseline;
}

InstructionSet detected() {
  static const InstructionSet found = detect();
  return found;
}

std::atomic<InstructionSet> widest_allowed{InstructionSet::avx512};

}  // namespace

InstructionSet instruction_set() {
  return std::min(detected(), widest_allowed.load(std::memory_order_relaxed));
}

std::size_t widest_lanes() {
#ifdef GLMPP_X86_PACKS
  switch (detected()) {
    case InstructionSet::avx512: return pack::avx512::lanes;
    case InstructionSet::avx2: return pack::avx2::lanes;
    case InstructionSet::baseline: break;
  }
#endif
  return pack::baseline::lanes;
}

void limit_instruction_set(InstructionSet widest) {
  widest_allowed.store(widest, std::memory_order_relaxed);
}

}  // namespace glmpp
