#include "gram.h"

#include <algorithm>
#include <array>
#include <utility>

#include "../parallel/dispatch.h"

namespace glmpp {

namespace {

// A panel of `block_rows` rows stays in a first-level cache, `block_panels` of them in a
// second-level cache; measured best of 256 to 1024 rows.
constexpr std::size_t block_rows = 512;
constexpr std::size_t block_panels = 12;

alignas(64) constexpr double zeros[8] = {};

std::size_t whole_packs(std::size_t rows) { return (rows + 7) / 8 * 8; }

// Columns cut into panels of at most `widest`, as equal as they can be.
struct Panels {
  std::size_t begin(std::size_t panel) const { return panel * cols / count; }
  std::size_t width(std::size_t panel) const { return begin(panel + 1) - begin(panel); }

  std::size_t cols;
  std::size_t count;
};

Panels cut(std::size_t cols, std::size_t widest) { return {cols, (cols + widest - 1) / widest}; }

namespace baseline {
using namespace pack::baseline;
// 32 registers hold 4 x 4 sums, 16 registers 3 x 3.
#ifdef __aarch64__
constexpr std::size_t panel_width = 4;
#else
constexpr std::size_t panel_width = 3;
#endif
constexpr std::size_t triangle_width = 4;
#define GLMPP_KERNEL
#include "gram_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace baseline

#ifdef GLMPP_X86_PACKS
namespace avx2 {
using namespace pack::avx2;
constexpr std::size_t panel_width = 3;
constexpr std::size_t triangle_width = 4;
#define GLMPP_KERNEL GLMPP_AVX2
#include "gram_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace avx2

namespace avx512 {
using namespace pack::avx512;
constexpr std::size_t panel_width = 5;
constexpr std::size_t triangle_width = 6;
#define GLMPP_KERNEL GLMPP_AVX512
#include "gram_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace avx512
#endif

}  // namespace

std::vector<const double*> columns_of(const double* x, std::size_t ld, std::size_t cols) {
  std::vector<const double*> starts(cols);
  for (std::size_t j = 0; j < cols; ++j) starts[j] = x + j * ld;
  return starts;
}

void add_weighted_gram(const double* const* x, std::size_t rows, std::size_t cols, const double* w,
                       double* scratch, std::size_t scratch_ld, double* gram, std::size_t gram_ld) {
  if (cols == 0) return;
  GLMPP_DISPATCH(weighted_gram, x, whole_packs(rows), cols, w, scratch, scratch_ld, gram, gram_ld)
}

void add_weighted_cross(const double* const* x, std::size_t rows, std::size_t xcols,
                        const double* y, std::size_t yld, std::size_t ycols, double* out,
                        std::size_t out_ld) {
  if (xcols == 0 || ycols == 0) return;
  GLMPP_DISPATCH(weighted_cross, x, whole_packs(rows), xcols, y, yld, ycols, out, out_ld)
}

void add_weighted_cross(const double* x, std::size_t ld, std::size_t rows, std::size_t xcols,
                        const double* y, std::size_t yld, std::size_t ycols, double* out,
                        std::size_t out_ld) {
  add_weighted_cross(columns_of(x, ld, xcols).data(), rows, xcols, y, yld, ycols, out, out_ld);
}

void add_matrix_vector(const double* const* x, std::size_t rows, std::size_t cols, const double* b,
                       double* eta) {
  GLMPP_DISPATCH(linear_predictor, x, whole_packs(rows), cols, b, eta)
}

void transpose_tile(const double* const* x, std::size_t rows, std::size_t cols, const double* w,
                    double* rows_major, std::size_t row_ld) {
  GLMPP_DISPATCH(transposed_tile, x, rows, cols, w, rows_major, row_ld)
}

void add_scaled_rows(const double* rows_major, std::size_t row_ld, std::size_t rows,
                     std::size_t cols, const int* cell, const double* multiplier, double* table,
                     std::size_t cells) {
  GLMPP_DISPATCH(scaled_rows, rows_major, row_ld, rows, cols, cell, multiplier, table, cells)
}

}  // namespace glmpp
