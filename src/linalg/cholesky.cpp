#include "cholesky.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "gram.h"
#include "parallel/lanes.h"

namespace glmpp {

namespace {

constexpr std::size_t block = 48;   // rows at a time
constexpr std::size_t chunk = 192;  // columns per lane

bool factor_diagonal(SymmetricTile& a, std::size_t first, std::size_t width) {
  for (std::size_t j = first; j < first + width; ++j) {
    for (std::size_t i = first; i <= j; ++i) {
      double sum = a(i, j);
      for (std::size_t k = first; k < i; ++k) sum -= a(k, i) * a(k, j);
      if (i < j) {
        a(i, j) = sum / a(i, i);
      } else {
        if (!(sum > 0.0) || !std::isfinite(sum)) return false;
        a(j, j) = std::sqrt(sum);
      }
    }
  }
  return true;
}

// The same where weak pivots are left out: their rows are those of the identity, and so are their columns in the block. Ascending.
std::vector<std::size_t> factor_strong(SymmetricTile& a, std::size_t first, std::size_t width,
                                       double smallest_pivot) {
  std::vector<std::size_t> weak;
  for (std::size_t j = first; j < first + width; ++j) {
    double left = a(j, j);
    for (std::size_t i = first; i < j; ++i) {
      double sum = a(i, j);
      for (std::size_t k = first; k < i; ++k) sum -= a(k, i) * a(k, j);
      a(i, j) = sum / a(i, i);
      left -= a(i, j) * a(i, j);
    }
    if (left > smallest_pivot && left > 0.0 && std::isfinite(left)) {
      a(j, j) = std::sqrt(left);
      continue;
    }
    weak.push_back(j);
    for (std::size_t i = first; i < j; ++i) a(i, j) = 0.0;
    for (std::size_t l = j + 1; l < a.size; ++l) a(j, l) = 0.0;
    a(j, j) = 1.0;
  }
  return weak;
}

// The inverse of the diagonal block, block x block with zeros below.
void invert_diagonal(const SymmetricTile& a, std::size_t first, std::size_t width,
                     AlignedBuffer& inverse) {
  inverse.fill(0.0);
  for (std::size_t j = 0; j < width; ++j) {
    inverse[j + j * block] = 1.0 / a(first + j, first + j);
    for (std::size_t i = j; i-- > 0;) {
      double sum = 0.0;
      for (std::size_t k = i + 1; k <= j; ++k)
        sum += a(first + i, first + k) * inverse[k + j * block];
      inverse[i + j * block] = -sum / a(first + i, first + i);
    }
  }
}

template <class Visit>
void each_chunk(std::size_t begin, std::size_t end, unsigned threads, Visit visit) {
  const std::size_t count = (end - begin + chunk - 1) / chunk;
  run_lanes(
      count, threads,
      [&](std::size_t i, std::size_t) {
        const std::size_t first = begin + i * chunk;
        visit(first, std::min(chunk, end - first));
      },
      nullptr);
}

// Block by block of rows; `factor(first, width)` factors that on the diagonal, and may stop.
template <class Factor>
bool factor_blocks(SymmetricTile& a, unsigned threads, Factor factor) {
  const std::size_t p = a.size, ld = a.leading_dimension;
  double* values = a.values.data();
  AlignedBuffer inverse(p > block ? block * block : 0);
  for (std::size_t first = 0; first < p; first += block) {
    const std::size_t width = std::min(block, p - first);
    // Short updates don't outweigh starting a thread.
    const unsigned used = (p - first) * first > 100000 ? threads : 1;
    if (first > 0)
      each_chunk(first, p, used, [&](std::size_t column, std::size_t columns) {
        AlignedBuffer update(block * columns);
        add_weighted_cross(values + first * ld, ld, first, width, values + column * ld, ld, columns,
                           update.data(), block);
        for (std::size_t j = 0; j < columns; ++j)
          for (std::size_t i = 0; i < width; ++i) a(first + i, column + j) -= update[i + j * block];
      });
    if (!factor(first, width)) return false;
    if (first + width == p) break;
    invert_diagonal(a, first, width, inverse);
    each_chunk(first + width, p, used, [&](std::size_t column, std::size_t columns) {
      AlignedBuffer right(block * columns), solved(block * columns);
      for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t i = 0; i < width; ++i) right[i + j * block] = a(first + i, column + j);
      add_weighted_cross(inverse.data(), block, width, width, right.data(), block, columns,
                         solved.data(), block);
      for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t i = 0; i < width; ++i) a(first + i, column + j) = solved[i + j * block];
    });
  }
  return true;
}

}  // namespace

bool cholesky_upper(SymmetricTile& a, unsigned threads) {
  return factor_blocks(a, threads, [&](std::size_t first, std::size_t width) {
    return factor_diagonal(a, first, width);
  });
}

std::vector<std::size_t> cholesky_of_strong(SymmetricTile& a, double smallest_pivot,
                                            unsigned threads) {
  std::vector<std::size_t> weak;
  factor_blocks(a, threads, [&](std::size_t first, std::size_t width) {
    const auto found = factor_strong(a, first, width, smallest_pivot);
    weak.insert(weak.end(), found.begin(), found.end());
    return true;
  });
  return weak;
}

namespace {

// W = R'^-1, lower triangular, in blocks of rows: W_b = R_bb'^-1 (I_b - sum over k < b of R_kb' W_k).
SymmetricTile inverse_transpose(const SymmetricTile& root, unsigned threads) {
  const std::size_t p = root.size, ld = root.leading_dimension;
  SymmetricTile lower(p);
  AlignedBuffer inverse(block * block);
  for (std::size_t first = 0; first < p; first += block) {
    const std::size_t width = std::min(block, p - first), end = first + width;
    invert_diagonal(root, first, width, inverse);
    const unsigned used = end * first > 100000 ? threads : 1;
    each_chunk(0, end, used, [&](std::size_t column, std::size_t columns) {
      AlignedBuffer right(block * columns), solved(block * columns);
      if (first > column)
        add_weighted_cross(root.values.data() + first * ld + column, ld, first - column, width,
                           lower.values.data() + column * ld + column, ld, columns, right.data(),
                           block);
      for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t i = 0; i < width; ++i)
          right[i + j * block] = (first + i == column + j ? 1.0 : 0.0) - right[i + j * block];
      add_weighted_cross(inverse.data(), block, width, width, right.data(), block, columns,
                         solved.data(), block);
      for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t i = 0; i < width; ++i)
          lower(first + i, column + j) = solved[i + j * block];
    });
  }
  return lower;
}

// visit(a, b) over the pairs a <= b of chunks of n columns.
template <class Visit>
void each_pair_of_chunks(std::size_t n, unsigned threads, Visit visit) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t b = 0; b < n; b += chunk)
    for (std::size_t a = 0; a <= b; a += chunk) pairs.emplace_back(a, b);
  run_lanes(
      pairs.size(), n > 300 ? threads : 1,
      [&](std::size_t k, std::size_t) { visit(pairs[k].first, pairs[k].second); }, nullptr);
}

void mirror_upper(double* out, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < j; ++i) out[j + i * n] = out[i + j * n];
}

// A copy with the leading dimension and the padding that the kernels want.
SymmetricTile padded_copy(const double* values, std::size_t n) {
  SymmetricTile copy(n);
  for (std::size_t j = 0; j < n; ++j) std::copy_n(values + j * n, n, &copy(0, j));
  return copy;
}

}  // namespace

void inverse_of_product(const SymmetricTile& root, unsigned threads, double* out) {
  const std::size_t p = root.size;
  const SymmetricTile lower = inverse_transpose(root, threads);
  const std::size_t ld = lower.leading_dimension;
  const double* w = lower.values.data();
  std::fill_n(out, p * p, 0.0);
  each_pair_of_chunks(p, threads, [&](std::size_t a, std::size_t b) {
    add_weighted_cross(w + a * ld + b, ld, p - b, std::min(chunk, p - a), w + b * ld + b, ld,
                       std::min(chunk, p - b), out + a + b * p, p);
  });
  mirror_upper(out, p);
}

void symmetric_sandwich(const double* bread, const double* meat, std::size_t n, unsigned threads,
                        double* out) {
  const SymmetricTile outer = padded_copy(bread, n), middle = padded_copy(meat, n);
  SymmetricTile half(n);
  const std::size_t ld = outer.leading_dimension;
  each_chunk(0, n, n > 300 ? threads : 1, [&](std::size_t column, std::size_t columns) {
    add_weighted_cross(middle.values.data(), ld, n, n, outer.values.data() + column * ld, ld,
                       columns, half.values.data() + column * ld, ld);
  });
  std::fill_n(out, n * n, 0.0);
  each_pair_of_chunks(n, threads, [&](std::size_t a, std::size_t b) {
    add_weighted_cross(outer.values.data() + a * ld, ld, n, std::min(chunk, n - a),
                       half.values.data() + b * ld, ld, std::min(chunk, n - b), out + a + b * n, n);
  });
  mirror_upper(out, n);
}

void cross_product_of_columns(const double* x, std::size_t rows, std::size_t cols, unsigned threads,
                              double* out) {
  const std::size_t ld = tile_leading_dimension(rows);
  AlignedBuffer copy(ld * cols);
  for (std::size_t j = 0; j < cols; ++j) std::copy_n(x + j * rows, rows, copy.data() + j * ld);
  std::fill_n(out, cols * cols, 0.0);
  each_pair_of_chunks(cols, threads, [&](std::size_t a, std::size_t b) {
    add_weighted_cross(copy.data() + a * ld, ld, rows, std::min(chunk, cols - a),
                       copy.data() + b * ld, ld, std::min(chunk, cols - b), out + a + b * cols,
                       cols);
  });
  mirror_upper(out, cols);
}

}  // namespace glmpp
