#include "cholesky.h"

#include <algorithm>
#include <cmath>

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

// The inverse of the diagonal block, block x block with zeros below.
void invert_diagonal(SymmetricTile& a, std::size_t first, std::size_t width,
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

}  // namespace

bool cholesky_upper(SymmetricTile& a, unsigned threads) {
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
    if (!factor_diagonal(a, first, width)) return false;
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

}  // namespace glmpp
