// The Schur complement of a bordered information, in the way that its rows ask for.

#include <algorithm>
#include <utility>
#include <vector>

#include "aligned_buffer.h"
#include "bordered_factor.h"
#include "gram.h"
#include "parallel/lanes.h"

namespace glmpp {

namespace {

// Rows of q entries, one after the other, as a tile. The kernel reads up to 7 entries on: where there are none, of a copy.
void make_tile(const double* rows, std::size_t count, std::size_t q, bool is_last,
               AlignedBuffer& copy, AlignedBuffer& tile, std::size_t ld) {
  if (is_last) {
    std::copy_n(rows, count * q, copy.data());
    rows = copy.data();
  }
  transpose_tile(columns_of(rows, q, count).data(), q, count, nullptr, tile.data(), ld);
}

}  // namespace

// Of a small border, all of which every cell meets: lanes of cells, each with its own sums.
void BorderedFactor::subtract_by_cells(const Information& information, const std::vector<int>& at,
                                       unsigned threads, Matrix& left) const {
  constexpr std::size_t tile_rows = 128, rows_of_lane = 128 * tile_rows;
  const std::size_t q = shape_->border.size(), inner = shape_->inner.size();
  const std::size_t ld = tile_leading_dimension(tile_rows);
  std::vector<Matrix> sums((inner + rows_of_lane - 1) / rows_of_lane);
  run_lanes(
      sums.size(), threads,
      [&](std::size_t lane, std::size_t) {
        Matrix own(q, q);
        AlignedBuffer rows(ld * q), solved(ld * q), copy(tile_rows * q + 8), weights(tile_rows);
        const std::vector<const double*> columns = columns_of(rows.data(), ld, q);
        const std::size_t end = std::min(inner, (lane + 1) * rows_of_lane);
        for (std::size_t first = lane * rows_of_lane; first < end; first += tile_rows) {
          const std::size_t count = std::min(tile_rows, end - first);
          const bool is_last = first + count == inner;
          make_tile(information.rows().data() + first * q, count, q, is_last, copy, rows, ld);
          if (shape_->is_single) {
            weights.fill(0.0);
            std::copy_n(inverse_.data() + first, count, weights.data());
            add_weighted_gram(columns.data(), count, q, weights.data(), solved.data(), ld,
                              own.data(), q);
            continue;
          }
          make_tile(solved_.data() + first * q, count, q, is_last, copy, solved, ld);
          add_weighted_cross(columns.data(), count, q, solved.data(), ld, q, own.data(), q);
        }
        sums[lane] = std::move(own);
      },
      nullptr);
  for (const Matrix& own : sums)
    for (std::size_t e = 0; e < q; ++e)
      for (std::size_t f = 0; f <= e; ++f)
        if (at[e] >= 0 && at[f] >= 0)
          left(static_cast<std::size_t>(at[f]), static_cast<std::size_t>(at[e])) -= own(f, e);
}

namespace {

// The kernels for dense matrices do many times the work of single products in a time.
bool has_dense_rows(const BorderedShape& shape, std::size_t m) {
  constexpr double gain = 10.0;
  const double size = static_cast<double>(m);
  return gain * shape.squares > static_cast<double>(shape.inner.size()) * size * size;
}

}  // namespace

// Rows as tiles, with zeros where there are no entries. A lane has columns of its own.
void BorderedFactor::subtract_by_tiles(const Information& information, const std::vector<int>& at,
                                       unsigned threads, Matrix& left) const {
  constexpr std::size_t tile_rows = 128, columns_of_lane = 192;
  const std::size_t m = left.cols(), inner = shape_->inner.size();
  const std::size_t ld = tile_leading_dimension(tile_rows);
  run_lanes((m + columns_of_lane - 1) / columns_of_lane, threads,
            [&](std::size_t lane, std::size_t) {
              const std::size_t begin = lane * columns_of_lane,
                                end = std::min(m, begin + columns_of_lane);
              AlignedBuffer rows(ld * end), solved(ld * (end - begin));
              Matrix sums(end, end - begin);
              for (std::size_t first = 0; first < inner; first += tile_rows) {
                const std::size_t count = std::min(tile_rows, inner - first);
                rows.fill(0.0);
                solved.fill(0.0);
                for (std::size_t k = first; k < first + count; ++k)
                  for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e) {
                    const int place = at[static_cast<std::size_t>(shape_->column[e])];
                    const auto column = static_cast<std::size_t>(place);
                    if (place < 0 || column >= end) continue;
                    rows[k - first + column * ld] = information.rows()[e];
                    if (column >= begin) solved[k - first + (column - begin) * ld] = solved_[e];
                  }
                add_weighted_cross(rows.data(), ld, count, end, solved.data(), ld, end - begin,
                                   sums.data(), end);
              }
              for (std::size_t j = begin; j < end; ++j)
                for (std::size_t i = 0; i <= j; ++i) left(i, j) -= sums(i, j - begin);
            },
            nullptr);
}

// The upper triangle of S over the used border. Each lane has columns of its own, to which the cells come in their order.
Matrix BorderedFactor::complement(const Information& information,
                                  const std::vector<std::size_t>& used, unsigned threads) const {
  const std::size_t m = used.size();
  Matrix left(m, m);
  std::vector<int> at(shape_->border.size(), -1);
  for (std::size_t k = 0; k < m; ++k) at[used[k]] = static_cast<int>(k);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i <= j; ++i) left(i, j) = information.corner(used[i], used[j]);
  constexpr std::size_t columns_of_lane = 64;
  if (shape_->is_full && m <= columns_of_lane) {
    subtract_by_cells(information, at, threads, left);
    return left;
  }
  if (has_dense_rows(*shape_, m)) {
    subtract_by_tiles(information, at, threads, left);
    return left;
  }
  const std::size_t lanes = (m + columns_of_lane - 1) / columns_of_lane;
  const double* rows = information.rows().data();
  run_lanes(
      lanes, lanes > 1 ? threads : 1,
      [&](std::size_t lane, std::size_t) {
        const int begin = static_cast<int>(used[lane * columns_of_lane]);
        const int end = static_cast<int>(used[std::min(m, (lane + 1) * columns_of_lane) - 1]);
        for (std::size_t k = 0; k < shape_->inner.size(); ++k) {
          const int* column = shape_->column.data() + shape_->row_start[k];
          const double *row = rows + shape_->row_start[k],
                       *solved = solved_.data() + shape_->row_start[k];
          const auto entries =
              static_cast<std::ptrdiff_t>(shape_->row_start[k + 1] - shape_->row_start[k]);
          for (auto e = std::lower_bound(column, column + entries, begin) - column;
               e < entries && column[e] <= end; ++e) {
            const int place = at[static_cast<std::size_t>(column[e])];
            if (place < 0 || solved[e] == 0.0) continue;
            double* out = left.column(static_cast<std::size_t>(place));
            for (std::ptrdiff_t f = 0; f <= e; ++f) {
              const int to = at[static_cast<std::size_t>(column[f])];
              if (to >= 0) out[to] -= row[f] * solved[e];
            }
          }
        }
      },
      nullptr);
  return left;
}

}  // namespace glmpp
