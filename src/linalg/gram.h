#pragma once

#include <cstddef>

namespace glmpp {

// Tiles are column-major: a leading dimension that is a multiple of 8, and zeros in the
// rows from `rows` to the next multiple of 8, which are read. A start aligned to 64 bytes
// is faster, and so is a leading dimension that is an odd multiple of 8, which keeps
// columns out of each other's cache sets. Every function is safe to call from many
// threads on distinct outputs.

/// gram += X' diag(w) X, upper triangle, for one tile X (rows x cols).
/// `w` may be negative; it is aligned and padded like a column of X. `scratch` has
/// `ld * cols` doubles and is overwritten.
/// Element (i, j), i <= j, is `gram[i + j * gram_ld]`.
void add_weighted_gram(const double* x, std::size_t ld, std::size_t rows, std::size_t cols,
                       const double* w, double* scratch, double* gram, std::size_t gram_ld);

/// out += X'Y for tiles X (rows x xcols) and Y (rows x ycols), any weights being in Y.
void add_weighted_cross(const double* x, std::size_t ld, std::size_t rows, std::size_t xcols,
                        const double* y, std::size_t yld, std::size_t ycols, double* out,
                        std::size_t out_ld);

/// eta += X b; eta is padded like a column of X, and its padding is read and written.
void add_matrix_vector(const double* x, std::size_t ld, std::size_t rows, std::size_t cols,
                       const double* b, double* eta);

/// rows_major[i, j] = w[i] x[i, j], or x[i, j] where `w` is null, for i < rows;
/// columns from `cols` to `row_ld` (a multiple of the lanes of a register) become zero.
void transpose_tile(const double* x, std::size_t ld, std::size_t rows, std::size_t cols,
                    const double* w, double* rows_major, std::size_t row_ld);

/// table[cell[i], ] += multiplier[i] * rows_major[i, ] for the rows of a tile that
/// `transpose_tile()` wrote; a null `multiplier` stands for ones. `table` is row-major,
/// of `cells` rows, with the same `row_ld`.
void add_scaled_rows(const double* rows_major, std::size_t row_ld, std::size_t rows,
                     std::size_t cols, const int* cell, const double* multiplier, double* table,
                     std::size_t cells);

}  // namespace glmpp
