#include "information.h"

#include <algorithm>
#include <utility>

#include "cell_lanes.h"

namespace glmpp {

void BorderedShape::finish() {
  is_full = column.size() == inner.size() * border.size();
  is_single = inner.size() == cells();
  place.assign(size, 0);
  cell.assign(inner.size(), 0);
  block_start.assign(1, 0);
  for (std::size_t c = 0; c < cells(); ++c) {
    block_start.push_back(block_start.back() + width(c) * width(c));
    for (std::size_t k = cell_start[c]; k < cell_start[c + 1]; ++k) cell[k] = c;
  }
  for (std::size_t k = 0; k < inner.size(); ++k) {
    place[inner[k]] = k;
    const double entries = static_cast<double>(row_start[k + 1] - row_start[k]);
    squares += entries * entries;
  }
  for (std::size_t k = 0; k < border.size(); ++k) place[border[k]] = inner.size() + k;
}

Information::Information(std::shared_ptr<const BorderedShape> shape) {
  *this = with_unset_rows(std::move(shape));
  std::fill(rows_.begin(), rows_.end(), 0.0);
}

Information Information::with_unset_rows(std::shared_ptr<const BorderedShape> shape) {
  Information made;
  const std::size_t q = shape->border.size();
  made.blocks_.resize(shape->block_start.back());
  made.rows_.resize(shape->column.size());
  if (shape->sparse)
    made.corner_.resize(shape->sparse->corner_row.size());
  else
    made.matrix_.resize_zero(q, q);
  made.shape_ = std::move(shape);
  return made;
}

void Information::set_corner(std::size_t i, std::size_t j, double value) {
  if (!shape_->sparse) {
    matrix_(i, j) = matrix_(j, i) = value;
    return;
  }
  const std::size_t t = shape_->sparse->corner_place(i, j);
  if (t != SparsePattern::nowhere) corner_[t] = value;
}

namespace {

// Where the diagonal element of inner coefficient k is among the blocks.
std::size_t diagonal_place(const BorderedShape& shape, std::size_t k) {
  const std::size_t c = shape.cell[k], at = k - shape.cell_start[c];
  return shape.block_start[c] + at * (shape.width(c) + 1);
}

}  // namespace

double Information::diagonal(std::size_t j) const {
  if (!shape_) return matrix_(j, j);
  const std::size_t k = shape_->place[j];
  if (k < shape_->inner.size()) return blocks_[diagonal_place(*shape_, k)];
  return corner(k - shape_->inner.size(), k - shape_->inner.size());
}

void Information::add_to_diagonal(std::size_t j, double value) {
  if (!shape_) {
    matrix_(j, j) += value;
    return;
  }
  const std::size_t k = shape_->place[j];
  if (k < shape_->inner.size()) {
    blocks_[diagonal_place(*shape_, k)] += value;
    return;
  }
  add_to_corner(k - shape_->inner.size(), k - shape_->inner.size(), value);
}

void Information::hold(const std::vector<std::size_t>& held) {
  const std::size_t own = shape_ ? shape_->inner.size() : 0;
  std::vector<bool> is_held(size() - own, false);
  for (std::size_t j : held) {
    const std::size_t k = shape_ ? shape_->place[j] : j;
    if (k >= own) {
      is_held[k - own] = true;
      continue;
    }
    const std::size_t c = shape_->cell[k], first = shape_->cell_start[c], width = shape_->width(c);
    double* block = blocks_.data() + shape_->block_start[c];
    for (std::size_t i = 0; i < width; ++i)
      block[i + (k - first) * width] = block[(k - first) + i * width] = 0.0;
    block[(k - first) * (width + 1)] = 1.0;
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e) rows_[e] = 0.0;
  }
  if (shape_ && shape_->sparse) hold_sparse(is_held);
  for (std::size_t b = 0; b < matrix_.cols(); ++b) {
    if (!is_held[b]) continue;
    for (std::size_t i = 0; i < matrix_.rows(); ++i) matrix_(i, b) = matrix_(b, i) = 0.0;
    matrix_(b, b) = 1.0;
  }
  if (!shape_) return;
  for (std::size_t e = 0; e < rows_.size(); ++e)
    if (is_held[static_cast<std::size_t>(shape_->column[e])]) rows_[e] = 0.0;
}

void Information::hold_sparse(const std::vector<bool>& is_held) {
  const SparsePattern& pattern = *shape_->sparse;
  for (std::size_t j = 0; j < is_held.size(); ++j)
    for (std::size_t t = pattern.corner_start[j]; t < pattern.corner_start[j + 1]; ++t) {
      const auto i = static_cast<std::size_t>(pattern.corner_row[t]);
      if (is_held[i] || is_held[j]) corner_[t] = i == j ? 1.0 : 0.0;
    }
}

void Information::multiply(const std::vector<double>& x, std::vector<double>& out,
                           unsigned threads) const {
  out.assign(size(), 0.0);
  if (!shape_) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (x[j] == 0.0) continue;
      const double* column = matrix_.column(j);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += x[j] * column[i];
    }
    return;
  }
  const std::size_t q = shape_->border.size();
  std::vector<double> of_border(q), sums(q);
  for (std::size_t b = 0; b < q; ++b) of_border[b] = x[shape_->border[b]];
  for (std::size_t b = 0; b < matrix_.cols(); ++b) {
    if (of_border[b] == 0.0) continue;
    const double* column = matrix_.column(b);
    for (std::size_t i = 0; i < q; ++i) sums[i] += of_border[b] * column[i];
  }
  if (shape_->sparse)
    each_of_corner([&](std::size_t i, std::size_t j, double value) {
      sums[i] += value * of_border[j];
      if (i != j) sums[j] += value * of_border[i];
    });
  CellLanes(*shape_).add_up(threads, sums, [&](std::size_t c, double* of_lane) {
    multiply_cell(c, x, of_border.data(), out, of_lane);
  });
  for (std::size_t b = 0; b < q; ++b) out[shape_->border[b]] = sums[b];
}

void Information::multiply_cell(std::size_t c, const std::vector<double>& x,
                                const double* of_border, std::vector<double>& out,
                                double* sums) const {
  const std::size_t first = shape_->cell_begin(c), width = shape_->width(c);
  const double* block = blocks_.data() + shape_->block_begin(c);
  for (std::size_t k = first; k < first + width; ++k) {
    double sum = 0.0;
    for (std::size_t l = 0; l < width; ++l)
      sum += block[(k - first) + l * width] * x[shape_->inner[first + l]];
    out[shape_->inner[k]] = sum + shape_->row_times(rows_.data(), k, of_border);
    shape_->add_row(rows_.data(), k, x[shape_->inner[k]], sums);
  }
}

void Information::mix(double own_share, const Information& other, double other_share) {
  const auto mix_values = [=](double* own, const double* others, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) own[k] = own_share * own[k] + other_share * others[k];
  };
  mix_values(matrix_.data(), other.matrix_.data(), matrix_.rows() * matrix_.cols());
  mix_values(blocks_.data(), other.blocks_.data(), blocks_.size());
  mix_values(rows_.data(), other.rows_.data(), rows_.size());
  mix_values(corner_.data(), other.corner_.data(), corner_.size());
}

Matrix Information::dense() const {
  if (!shape_) return matrix_;
  Matrix full(size(), size());
  each_of_corner([&](std::size_t a, std::size_t b, double value) {
    full(shape_->border[a], shape_->border[b]) = full(shape_->border[b], shape_->border[a]) = value;
  });
  for (std::size_t k = 0; k < shape_->inner.size(); ++k) {
    const std::size_t j = shape_->inner[k], c = shape_->cell[k], first = shape_->cell_start[c];
    const double* block = blocks_.data() + shape_->block_start[c];
    for (std::size_t l = 0; l < shape_->width(c); ++l)
      full(shape_->inner[first + l], j) = block[l + (k - first) * shape_->width(c)];
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e) {
      const std::size_t i = shape_->border[static_cast<std::size_t>(shape_->column[e])];
      full(i, j) = full(j, i) = rows_[e];
    }
  }
  return full;
}

void Information::take(const Matrix& full) {
  for (std::size_t b = 0; b < shape_->border.size(); ++b)
    for (std::size_t a = 0; a <= b; ++a)
      set_corner(a, b, full(shape_->border[a], shape_->border[b]));
  for (std::size_t k = 0; k < shape_->inner.size(); ++k) {
    const std::size_t j = shape_->inner[k], c = shape_->cell[k], first = shape_->cell_start[c];
    double* block = blocks_.data() + shape_->block_start[c];
    for (std::size_t l = 0; l < shape_->width(c); ++l)
      block[l + (k - first) * shape_->width(c)] = full(shape_->inner[first + l], j);
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      rows_[e] = full(shape_->border[static_cast<std::size_t>(shape_->column[e])], j);
  }
}

}  // namespace glmpp
