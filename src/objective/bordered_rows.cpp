#include "bordered_rows.h"

#include <Eigen/Core>
#include <algorithm>
#include <numeric>

#include "parallel/lane_plan.h"
#include "parallel/lanes.h"
#include "parallel/tiles.h"

namespace glmpp {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// A vector of few inner elements, and what the inverse makes of it.
class SparseVector {
 public:
  explicit SparseVector(const BorderedFactor& factor)
      : factor_(factor),
        shape_(factor.shape()),
        value_(shape_.inner.size()),
        solved_(shape_.inner.size()),
        is_seen_(shape_.cells()),
        border_(shape_.border.size()) {}

  void clear() {
    for (std::size_t c : cells_) {
      is_seen_[c] = 0;
      for (std::size_t k = shape_.cell_start[c]; k < shape_.cell_start[c + 1]; ++k) value_[k] = 0.0;
    }
    cells_.clear();
    std::fill(border_.begin(), border_.end(), 0.0);
  }

  void add(std::size_t j, double x) {
    const std::size_t k = shape_.place[j];
    if (k >= shape_.inner.size()) {
      border_[k - shape_.inner.size()] += x;
      return;
    }
    const std::size_t c = shape_.cell[k];
    if (!is_seen_[c]) cells_.push_back(c);
    is_seen_[c] = 1;
    value_[k] += x;
  }

  /// ~x over its cells, and R^-T (x - H'x), whose square is what the border adds to x'Vx.
  void reduce() {
    for (std::size_t c : cells_) {
      const std::size_t first = shape_.cell_start[c], width = shape_.width(c);
      const double* inverse = factor_.inverse().data() + shape_.block_start[c];
      for (std::size_t k = 0; k < width; ++k) {
        double sum = 0.0;
        for (std::size_t l = 0; l < width; ++l) sum += inverse[k + l * width] * value_[first + l];
        solved_[first + k] = sum;
        shape_.add_row(factor_.solved().data(), first + k, -value_[first + k], border_.data());
      }
    }
    factor_.root().reduce(border_, reduced_);
  }

  double form() const {
    double sum = std::inner_product(reduced_.begin(), reduced_.end(), reduced_.begin(), 0.0);
    each_inner([&](std::size_t k) { sum += value_[k] * solved_[k]; });
    return sum;
  }

  /// a, over the border, in the place of the reduced vector.
  const std::vector<double>& border_of_solution() {
    std::fill(border_.begin(), border_.end(), 0.0);
    factor_.root().expand(reduced_, border_);
    return border_;
  }

  template <class Visit>
  void each_inner(Visit visit) const {
    for (std::size_t c : cells_)
      for (std::size_t k = shape_.cell_start[c]; k < shape_.cell_start[c + 1]; ++k) visit(k);
  }
  double solved(std::size_t k) const { return solved_[k]; }

 private:
  const BorderedFactor& factor_;
  const BorderedShape& shape_;
  std::vector<double> value_, solved_;
  std::vector<char> is_seen_;
  std::vector<std::size_t> cells_;
  std::vector<double> border_;
  std::vector<double> reduced_;
};

double times_row(const BorderedFactor& factor, std::size_t k, const std::vector<double>& border) {
  return factor.shape().row_times(factor.solved().data(), k, border.data());
}

double border_cost(const BorderedFactor& factor) { return 500.0 + 4.0 * factor.root().cost(); }

}  // namespace

void quadratic_forms(const Design& design, const BorderedFactor& factor, const Sweep& how,
                     double* out) {
  const LanePlan plan(design.rows(), border_cost(factor), 0);
  run_lanes(
      plan.count(), how.threads,
      [&](std::size_t lane, std::size_t) {
        SparseVector x(factor);
        DesignTile tile = design.make_tile();
        for (RowRange rows : Tiles(plan.lane(lane), design.tile_rows())) {
          design.load(rows, tile);
          for (std::size_t i = 0; i < rows.count; ++i) {
            x.clear();
            design.visit_row(tile, i, [&](std::size_t j, double value) { x.add(j, value); });
            x.reduce();
            out[rows.begin + i] = x.form();
          }
        }
      },
      how.poll);
}

std::vector<double> sandwich_diagonal(const Design& design, const BorderedFactor& factor,
                                      const double* r, const int* group, std::size_t groups,
                                      const Sweep& how) {
  const BorderedShape& shape = factor.shape();
  const std::size_t n = design.rows(), q = shape.border.size();
  std::vector<std::size_t> start(groups + 1), row(group ? n : 0);
  if (group) {
    for (std::size_t i = 0; i < n; ++i) ++start[static_cast<std::size_t>(group[i]) + 1];
    std::partial_sum(start.begin(), start.end(), start.begin());
    std::vector<std::size_t> next(start.begin(), start.end() - 1);
    for (std::size_t i = 0; i < n; ++i) row[next[static_cast<std::size_t>(group[i])]++] = i;
  } else {
    std::iota(start.begin(), start.end(), std::size_t{0});
  }
  struct Lane {
    std::vector<double> inner;
    Eigen::MatrixXd outer;  ///< sum of a a'
  };
  const LanePlan plan(groups, border_cost(factor), shape.inner.size() + q * q);
  std::vector<Lane> lanes(plan.count());
  run_lanes(
      plan.count(), how.threads,
      [&](std::size_t number, std::size_t) {
        Lane& lane = lanes[number];
        lane.inner.assign(shape.inner.size(), 0.0);
        lane.outer = Eigen::MatrixXd::Zero(static_cast<Index>(q), static_cast<Index>(q));
        SparseVector s(factor);
        DesignTile tile = design.make_tile();
        const RowRange own = plan.lane(number);
        for (std::size_t g = own.begin; g < own.begin + own.count; ++g) {
          s.clear();
          for (std::size_t k = start[g]; k < start[g + 1]; ++k) {
            const std::size_t i = group ? row[k] : k;
            if (r[i] == 0.0) continue;
            design.load({i, 1}, tile);
            design.visit_row(tile, 0, [&](std::size_t j, double x) { s.add(j, r[i] * x); });
          }
          s.reduce();
          const std::vector<double>& a = s.border_of_solution();
          s.each_inner([&](std::size_t k) {
            lane.inner[k] += s.solved(k) * (s.solved(k) - 2.0 * times_row(factor, k, a));
          });
          const Eigen::Map<const VectorXd> border(a.data(), static_cast<Index>(q));
          lane.outer.selfadjointView<Eigen::Lower>().rankUpdate(border);
        }
      },
      how.poll);
  for (std::size_t k = 1; k < lanes.size(); ++k) {
    for (std::size_t i = 0; i < lanes[k].inner.size(); ++i)
      lanes.front().inner[i] += lanes[k].inner[i];
    lanes.front().outer += lanes[k].outer;
  }
  Eigen::MatrixXd outer = lanes.front().outer.selfadjointView<Eigen::Lower>();
  std::vector<double> found(shape.size), image(q);
  for (std::size_t b = 0; b < q; ++b)
    found[shape.border[b]] = outer(static_cast<Index>(b), static_cast<Index>(b));
  for (std::size_t k = 0; k < shape.inner.size(); ++k) {
    std::fill(image.begin(), image.end(), 0.0);
    for (std::size_t e = shape.row_start[k]; e < shape.row_start[k + 1]; ++e) {
      const double* column = outer.data() + static_cast<std::size_t>(shape.column[e]) * q;
      for (std::size_t f = shape.row_start[k]; f < shape.row_start[k + 1]; ++f)
        image[static_cast<std::size_t>(shape.column[f])] +=
            factor.solved()[e] * column[shape.column[f]];
    }
    found[shape.inner[k]] = std::max(lanes.front().inner[k] + times_row(factor, k, image), 0.0);
  }
  return found;
}

}  // namespace glmpp
