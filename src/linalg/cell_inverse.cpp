#include "cell_inverse.h"

#include <algorithm>
#include <cmath>

#include "cell_lanes.h"

namespace glmpp {

void small_root(const double* block, std::size_t width, double smallest_pivot,
                std::vector<double>& root, std::vector<char>& kept) {
  root.assign(width * width, 0.0);
  for (std::size_t j = 0; j < width; ++j) {
    if (!kept[j]) continue;
    const double diagonal = block[j * (width + 1)];
    double left = diagonal;
    for (std::size_t i = 0; i < j; ++i) {
      if (!kept[i]) continue;
      double sum = block[i + j * width];
      for (std::size_t k = 0; k < i; ++k)
        if (kept[k]) sum -= root[k + i * width] * root[k + j * width];
      root[i + j * width] = sum / root[i * (width + 1)];
      left -= root[i + j * width] * root[i + j * width];
    }
    if (!(diagonal > 0.0) || !std::isfinite(diagonal) || !(left > smallest_pivot * diagonal)) {
      kept[j] = 0;
      for (std::size_t i = 0; i < j; ++i) root[i + j * width] = 0.0;
      continue;
    }
    root[j * (width + 1)] = std::sqrt(left);
  }
}

void small_inverse(const std::vector<double>& root, std::size_t width,
                   const std::vector<char>& kept, double* inverse) {
  std::vector<double> column(width);
  for (std::size_t j = 0; j < width; ++j) {
    std::fill(column.begin(), column.end(), 0.0);
    if (kept[j]) {
      column[j] = 1.0;
      for (std::size_t i = j; i < width; ++i) {
        if (!kept[i]) continue;
        for (std::size_t k = j; k < i; ++k)
          if (kept[k]) column[i] -= root[k + i * width] * column[k];
        column[i] /= root[i * (width + 1)];
      }
      for (std::size_t i = width; i-- > 0;) {
        if (!kept[i]) continue;
        for (std::size_t k = i + 1; k < width; ++k)
          if (kept[k]) column[i] -= root[i + k * width] * column[k];
        column[i] /= root[i * (width + 1)];
      }
    }
    std::copy(column.begin(), column.end(), inverse + j * width);
  }
}

namespace {

void invert_cell(const Information& information, const std::vector<bool>& used,
                 double smallest_pivot, std::size_t c, double* inverse,
                 std::vector<std::size_t>& weak) {
  const BorderedShape& shape = information.shape();
  const std::size_t* coefficient = shape.inner.data() + shape.cell_begin(c);
  const std::size_t width = shape.width(c);
  const double* block = information.blocks().data() + shape.block_begin(c);
  if (width == 1) {
    if (!used[*coefficient]) return;
    if (block[0] > 0.0 && std::isfinite(block[0]))
      inverse[0] = 1.0 / block[0];
    else
      weak.push_back(*coefficient);
    return;
  }
  std::vector<double> root;
  std::vector<char> kept(width);
  for (std::size_t k = 0; k < width; ++k) kept[k] = used[coefficient[k]];
  small_root(block, width, smallest_pivot, root, kept);
  for (std::size_t k = 0; k < width; ++k)
    if (used[coefficient[k]] && !kept[k]) weak.push_back(coefficient[k]);
  small_inverse(root, width, kept, inverse);
}

}  // namespace

std::vector<std::size_t> invert_cells(const Information& information, const std::vector<bool>& used,
                                      double smallest_pivot, unsigned threads,
                                      std::vector<double>& inverse) {
  const BorderedShape& shape = information.shape();
  inverse.assign(information.blocks().size(), 0.0);
  const CellLanes lanes(shape);
  std::vector<std::vector<std::size_t>> weak(lanes.count());
  lanes.each_cell(threads, [&](std::size_t c, std::size_t lane) {
    invert_cell(information, used, smallest_pivot, c, inverse.data() + shape.block_begin(c),
                weak[lane]);
  });
  std::vector<std::size_t> found;
  for (const auto& of_lane : weak) found.insert(found.end(), of_lane.begin(), of_lane.end());
  return found;
}

}  // namespace glmpp
