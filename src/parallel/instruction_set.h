#pragma once

#include <cstddef>

namespace glmpp {

enum class InstructionSet { baseline, avx2, avx512 };

/// The widest instruction set that this processor, this build and
/// `limit_instruction_set()` allow. Safe to call from any thread.
InstructionSet instruction_set();

/// The doubles of a register of the widest set of this processor and this build, whatever limits it.
std::size_t widest_lanes();

/// Caps `instruction_set()`, so that a test can compare narrow with wide kernels.
void limit_instruction_set(InstructionSet widest);

}  // namespace glmpp
