#ifndef GLMPP_LINALG_CELL_INVERSE_H
#define GLMPP_LINALG_CELL_INVERSE_H

#include <cstddef>
#include <vector>

#include "information.h"

namespace glmpp {

/// The Cholesky root of a block, rows of weak pivots left out: upper triangular in `root`, and `kept` says which there are.
void small_root(const double* block, std::size_t width, double smallest_pivot,
                std::vector<double>& root, std::vector<char>& kept);
/// (R'R)^-1 over the rows that are kept, zeros elsewhere.
void small_inverse(const std::vector<double>& root, std::size_t width,
                   const std::vector<char>& kept, double* inverse);

/// D^-1, as the blocks of a bordered information, over the coefficients that `used` marks. Those whose pivot, as a share of their
/// diagonal element, is no more than `smallest_pivot` are left out too, and returned.
std::vector<std::size_t> invert_cells(const Information& information, const std::vector<bool>& used,
                                      double smallest_pivot, unsigned threads,
                                      std::vector<double>& inverse);

}  // namespace glmpp

#endif
