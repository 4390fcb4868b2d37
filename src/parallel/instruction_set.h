#pragma once

namespace glmpp {

enum class InstructionSet { baseline, avx2, avx512 };

/// The widest instruction set that this processor, this build and
/// `limit_instruction_set()` allow. Safe to call from any thread.
InstructionSet instruction_set();

/// Caps `instruction_set()`, so that a test can compare narrow with wide kernels.
void limit_instruction_set(InstructionSet widest);

}  // namespace glmpp
