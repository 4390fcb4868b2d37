#include "bordered_factor.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "cell_inverse.h"
#include "cell_lanes.h"
#include "dense_root.h"
#include "parallel/lanes.h"
#include "sparse_root.h"

namespace glmpp {

namespace {

using Eigen::Index;

}  // namespace

BorderedFactor::BorderedFactor(const Information& information, const std::vector<bool>& used,
                               double smallest_pivot, unsigned threads)
    : shape_(information.shared_shape()), threads_(threads), solved_(information.rows().size()) {
  weak_ = invert_cells(information, used, smallest_pivot, threads, inverse_);
  solve_rows(information);
  std::vector<std::size_t> weak;
  if (shape_->sparse) {
    root_ = std::make_shared<SparseRoot>(information, solved_, used, smallest_pivot, threads, weak);
  } else {
    std::vector<std::size_t> of_border;
    std::vector<double> diagonal;
    for (std::size_t b = 0; b < shape_->border.size(); ++b) {
      if (!used[shape_->border[b]]) continue;
      of_border.push_back(b);
      diagonal.push_back(information.corner(b, b));
    }
    root_ = std::make_shared<DenseRoot>(shape_->border.size(), of_border,
                                        complement(information, of_border, threads), diagonal,
                                        smallest_pivot, threads, weak);
  }
  for (std::size_t b : weak) weak_.push_back(shape_->border[b]);
  std::sort(weak_.begin(), weak_.end());
}

BorderedFactor::BorderedFactor(std::shared_ptr<const BorderedShape> shape,
                               std::vector<double> inverse, UnsetVector solved,
                               std::shared_ptr<const ComplementRoot> root)
    : shape_(std::move(shape)),
      inverse_(std::move(inverse)),
      solved_(std::move(solved)),
      root_(std::move(root)) {}

// The rows of a cell have the same entries.
void BorderedFactor::solve_rows(const Information& information) {
  CellLanes(*shape_).each_cell(threads_, [&](std::size_t c, std::size_t) {
    const std::size_t first = shape_->cell_begin(c), width = shape_->width(c);
    const double* inverse = inverse_.data() + shape_->block_begin(c);
    const std::size_t entries = shape_->row_begin(first + 1) - shape_->row_begin(first);
    for (std::size_t k = 0; k < width; ++k) {
      double* out = solved_.data() + shape_->row_begin(first + k);
      std::fill_n(out, entries, 0.0);
      for (std::size_t l = 0; l < width; ++l) {
        const double factor = inverse[k + l * width];
        if (factor == 0.0) continue;
        const double* row = information.rows().data() + shape_->row_begin(first + l);
        for (std::size_t e = 0; e < entries; ++e) out[e] += factor * row[e];
      }
    }
  });
}

void BorderedFactor::solve(const std::vector<double>& b, std::vector<double>& x) const {
  const std::size_t q = shape_->border.size();
  const CellLanes lanes(*shape_);
  x.assign(shape_->size, 0.0);
  std::vector<double> of_border(q);
  for (std::size_t k = 0; k < q; ++k) of_border[k] = b[shape_->border[k]];
  lanes.add_up(threads_, of_border, [&](std::size_t c, double* sums) {
    for (std::size_t k = shape_->cell_begin(c); k < shape_->cell_begin(c + 1); ++k) {
      const double value = b[shape_->inner[k]];
      if (value != 0.0) shape_->add_row(solved_.data(), k, -value, sums);
    }
  });
  std::vector<double> reduced;
  root_->reduce(of_border, reduced);
  std::fill(of_border.begin(), of_border.end(), 0.0);
  root_->expand(reduced, of_border);
  for (std::size_t b = 0; b < q; ++b) x[shape_->border[b]] = of_border[b];
  lanes.each_cell(threads_, [&](std::size_t c, std::size_t) {
    const std::size_t first = shape_->cell_begin(c), width = shape_->width(c);
    const double* inverse = inverse_.data() + shape_->block_begin(c);
    for (std::size_t k = first; k < first + width; ++k) {
      double sum = 0.0;
      for (std::size_t l = 0; l < width; ++l)
        sum += inverse[(k - first) + l * width] * b[shape_->inner[first + l]];
      x[shape_->inner[k]] = sum - shape_->row_times(solved_.data(), k, of_border.data());
    }
  });
}

// Of an inner coefficient: that of D^-1, and h' S^-1 h with its row h of D^-1 B.
std::vector<double> BorderedFactor::diagonal(unsigned threads) const {
  const auto of_border = root_->inverse(threads);
  std::vector<double> found(shape_->size);
  for (std::size_t b = 0; b < shape_->border.size(); ++b)
    found[shape_->border[b]] = of_border->diagonal(b);
  CellLanes(*shape_).each_cell(threads, [&](std::size_t c, std::size_t) {
    const std::size_t width = shape_->width(c);
    for (std::size_t at = 0; at < width; ++at) {
      const std::size_t k = shape_->cell_start[c] + at, first = shape_->row_start[k];
      found[shape_->inner[k]] =
          inverse_[shape_->block_start[c] + at * (width + 1)] +
          of_border->form(shape_->column.data() + first, solved_.data() + first,
                          shape_->row_start[k + 1] - first);
    }
  });
  return found;
}

// Coefficient by coefficient, as no matrix over the border is made.
std::vector<double> BorderedFactor::sandwich_by_columns(const Information& middle, unsigned threads,
                                                        const std::function<void()>& poll) const {
  constexpr std::size_t of_lane = 64;
  std::vector<double> found(shape_->size);
  BorderedFactor own = *this;
  own.threads_ = 1;
  run_lanes((shape_->size + of_lane - 1) / of_lane, threads,
            [&](std::size_t lane, std::size_t) {
              std::vector<double> unit(shape_->size), column, image;
              const std::size_t end = std::min(shape_->size, (lane + 1) * of_lane);
              for (std::size_t j = lane * of_lane; j < end; ++j) {
                unit[j] = 1.0;
                own.solve(unit, column);
                unit[j] = 0.0;
                middle.multiply(column, image);
                found[j] = std::inner_product(column.begin(), column.end(), image.begin(), 0.0);
              }
            },
            poll);
  return found;
}

// With G = [-H; 1] over the border, H = D^-1 B, the inverse is that of D and G S^-1 G': its column of inner coefficient i is
// D^-1 e_i - G S^-1 h_i.
std::vector<double> BorderedFactor::sandwich_diagonal(const Information& middle, unsigned threads,
                                                      const std::function<void()>& poll) const {
  const auto* dense = dynamic_cast<const DenseRoot*>(root_.get());
  if (!dense) return sandwich_by_columns(middle, threads, poll);
  const std::size_t q = shape_->border.size(), inner = shape_->inner.size();
  const auto size = static_cast<Index>(q);
  // M G, by rows over the inner coefficients and as a matrix over the border, and G'MG.
  Eigen::MatrixXd rows = Eigen::MatrixXd::Zero(size, static_cast<Index>(inner));
  Eigen::MatrixXd square = Eigen::Map<const Eigen::MatrixXd>(middle.corner_values(), size, size);
  for (std::size_t k = 0; k < inner; ++k) {
    const std::size_t c = shape_->cell[k], first = shape_->cell_start[c], width = shape_->width(c);
    double* row = rows.data() + k * q;
    shape_->add_row(middle.rows().data(), k, 1.0, row);
    // What the border's rows of M say of this one: M_bi times -h_i.
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      shape_->add_row(solved_.data(), k, -middle.rows()[e],
                      square.data() + static_cast<std::size_t>(shape_->column[e]) * q);
    const double* block = middle.blocks().data() + shape_->block_start[c];
    for (std::size_t l = 0; l < width; ++l)
      shape_->add_row(solved_.data(), first + l, -block[(k - first) + l * width], row);
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      for (std::size_t b = 0; b < q; ++b)
        square(static_cast<Index>(b), shape_->column[e]) -= solved_[e] * row[b];
  }
  const Matrix inverse = dense->full_inverse(threads);
  const Eigen::Map<const Eigen::MatrixXd> by_border(inverse.data(), size, size);
  square = by_border * square * by_border;
  std::vector<double> found(shape_->size), image(q);
  for (std::size_t b = 0; b < q; ++b)
    found[shape_->border[b]] = square(static_cast<Index>(b), static_cast<Index>(b));
  for (std::size_t k = 0; k < inner; ++k) {
    const std::size_t c = shape_->cell[k], first = shape_->cell_start[c], width = shape_->width(c);
    const double* column = inverse_.data() + shape_->block_start[c] + (k - first) * width;
    const double* block = middle.blocks().data() + shape_->block_start[c];
    double sum = 0.0;
    Eigen::VectorXd along = Eigen::VectorXd::Zero(size);
    for (std::size_t l = 0; l < width; ++l) {
      for (std::size_t i = 0; i < width; ++i) sum += column[i] * block[i + l * width] * column[l];
      along += column[l] * rows.col(static_cast<Index>(first + l));
    }
    along = by_border * along;
    sum -= 2.0 * shape_->row_times(solved_.data(), k, along.data());
    std::fill(image.begin(), image.end(), 0.0);
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      for (std::size_t f = shape_->row_start[k]; f < shape_->row_start[k + 1]; ++f)
        image[static_cast<std::size_t>(shape_->column[f])] +=
            solved_[e] * square(shape_->column[f], shape_->column[e]);
    found[shape_->inner[k]] =
        std::max(sum + shape_->row_times(solved_.data(), k, image.data()), 0.0);
  }
  return found;
}

double BorderedFactor::log_determinant() const {
  double sum = 0.0;
  std::vector<double> root;
  std::vector<char> kept;
  for (std::size_t c = 0; c < shape_->cells(); ++c) {
    const std::size_t width = shape_->width(c);
    kept.assign(width, 1);
    small_root(inverse_.data() + shape_->block_start[c], width, 0.0, root, kept);
    for (std::size_t k = 0; k < width; ++k)
      if (kept[k]) sum -= 2.0 * std::log(root[k * (width + 1)]);
  }
  return sum + root_->log_determinant();
}

void BorderedFactor::leave_out(const std::vector<std::size_t>& coefficients) {
  std::vector<bool> is_out(shape_->border.size(), false);
  for (std::size_t j : coefficients) {
    const std::size_t k = shape_->place[j];
    if (k >= shape_->inner.size()) {
      is_out[k - shape_->inner.size()] = true;
      continue;
    }
    const std::size_t c = shape_->cell[k], first = shape_->cell_start[c], width = shape_->width(c);
    double* inverse = inverse_.data() + shape_->block_start[c];
    for (std::size_t i = 0; i < width; ++i)
      inverse[i + (k - first) * width] = inverse[(k - first) + i * width] = 0.0;
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e) solved_[e] = 0.0;
  }
  auto root = root_->copy();
  root->leave_out(is_out);
  root_ = std::move(root);
}

void BorderedFactor::scale(double factor) {
  for (double& value : inverse_) value /= factor;
  auto root = root_->copy();
  root->scale(std::sqrt(factor));
  root_ = std::move(root);
}

Information BorderedFactor::information() const {
  Information made(shape_);
  std::vector<double> root;
  std::vector<char> kept;
  for (std::size_t c = 0; c < shape_->cells(); ++c) {
    const std::size_t first = shape_->cell_start[c], width = shape_->width(c);
    double* block = made.blocks().data() + shape_->block_start[c];
    kept.assign(width, 1);
    small_root(inverse_.data() + shape_->block_start[c], width, 0.0, root, kept);
    small_inverse(root, width, kept, block);
    const std::size_t entries = shape_->row_start[first + 1] - shape_->row_start[first];
    for (std::size_t k = 0; k < width; ++k)
      for (std::size_t l = 0; l < width; ++l)
        for (std::size_t e = 0; e < entries; ++e)
          made.rows()[shape_->row_start[first + k] + e] +=
              block[k + l * width] * solved_[shape_->row_start[first + l] + e];
  }
  root_->add_product(made);
  for (std::size_t k = 0; k < shape_->inner.size(); ++k)
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      for (std::size_t f = shape_->row_start[k]; f <= e; ++f)
        made.add_to_corner(static_cast<std::size_t>(shape_->column[f]),
                           static_cast<std::size_t>(shape_->column[e]),
                           made.rows()[f] * solved_[e]);
  return made;
}

}  // namespace glmpp
