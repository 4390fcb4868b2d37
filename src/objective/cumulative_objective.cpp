#include "cumulative_objective.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "linalg/triangular_update.h"

namespace glmpp {

class CumulativeObjective::Worker : public TileWorker {
 public:
  explicit Worker(const CumulativeObjective& objective)
      : objective_(objective),
        thresholds_(objective.threshold_count()),
        length_(padded_to_8(objective.design().tile_rows())),
        rows_(objective.link_, thresholds_, length_),
        eta_(length_),
        prior_(length_),
        sum_(length_),
        total_(length_),
        diagonal_(thresholds_ * length_),
        beside_(thresholds_ * length_) {}

  void add(RowRange rows, DesignTile& tile, LaneTotals& totals) override {
    const unsigned need = objective_.need();
    predict(rows, tile);
    totals.valid &= rows_.evaluate(objective_.thresholds_, eta_.data(), rows.count,
                                   need & need_observed_information);
    add_deviance(rows, totals);
    double* values = totals.values.data();
    if (need & need_score) values = add_score(rows, tile, values);
    if (need & need_information) {
      fill_expected(rows.count);
      values = add_information(rows, tile, values);
    }
    if (need & need_observed_information) {
      fill_observed(rows);
      add_information(rows, tile, values);
    }
    if (need & need_root) add_root(rows, tile, totals.root);
  }

 private:
  std::size_t code(RowRange rows, std::size_t i) const {
    return static_cast<std::size_t>(objective_.response_.codes[rows.begin + i] - 1);
  }

  void predict(RowRange rows, DesignTile& tile) {
    const CategoryResponse& response = objective_.response_;
    response.prior_weights.read(rows, prior_.data());
    if (response.offset)
      std::copy_n(response.offset + rows.begin, rows.count, eta_.data());
    else
      std::fill_n(eta_.data(), rows.count, 0.0);
    objective_.design().add_linear_predictor(tile, objective_.own_.data(), eta_.data());
  }

  void add_deviance(RowRange rows, LaneTotals& totals) {
    double sum = 0.0;
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (prior_[i] == 0.0) continue;
      const double p = rows_.probability(code(rows, i), i);
      totals.valid &= p > 0.0;
      sum += prior_[i] * std::log(p);
    }
    totals.deviance -= 2.0 * sum;
  }

  // d log P(Y = y) = F'_y / P at threshold y, -F'_(y-1) / P at the one below.
  double* add_score(RowRange rows, const DesignTile& tile, double* values) {
    const Design& design = objective_.design();
    sum_.fill(0.0);
    for (std::size_t i = 0; i < rows.count; ++i) {
      const std::size_t y = code(rows, i);
      const double scale = prior_[i] == 0.0 ? 0.0 : prior_[i] / rows_.probability(y, i);
      const double above = scale * rows_.density(y, i);
      const double below = y == 0 ? 0.0 : scale * rows_.density(y - 1, i);
      if (y < thresholds_) values[y] += above;
      if (y > 0) values[y - 1] -= below;
      sum_[i] = below - above;
    }
    values += thresholds_;
    design.add_score(tile, sum_.data(), values);
    return values + design.own_width();
  }

  // T = D' diag(1 / P) D, where P_k changes by F'_k at threshold k and by -F'_(k-1) at the one below.
  void fill_expected(std::size_t count) {
    for (std::size_t k = 0; k < thresholds_; ++k) {
      double* diagonal = diagonal_.data() + k * length_;
      double* beside = beside_.data() + k * length_;
      for (std::size_t i = 0; i < count; ++i) {
        const double density = rows_.density(k, i), next = rows_.density(k + 1, i);
        diagonal[i] =
            prior_[i] * (share(density * density, k, i) + share(density * density, k + 1, i));
        beside[i] = -prior_[i] * share(density * next, k + 1, i);
      }
    }
  }

  double share(double product, std::size_t k, std::size_t i) const {
    const double p = rows_.probability(k, i);
    return p > 0.0 ? product / p : 0.0;
  }

  // Minus the second derivatives of log P(Y = y), at the two thresholds of y only.
  void fill_observed(RowRange rows) {
    diagonal_.fill(0.0);
    beside_.fill(0.0);
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (prior_[i] == 0.0) continue;
      const std::size_t y = code(rows, i);
      const double p = rows_.probability(y, i);
      const double above = rows_.density(y, i) / p;
      const double below = y == 0 ? 0.0 : rows_.density(y - 1, i) / p;
      if (y < thresholds_)
        diagonal_[y * length_ + i] = prior_[i] * (above * above - rows_.slope(y, i) / p);
      if (y == 0) continue;
      diagonal_[(y - 1) * length_ + i] = prior_[i] * (below * below + rows_.slope(y - 1, i) / p);
      beside_[(y - 1) * length_ + i] = -prior_[i] * above * below;
    }
  }

  double* add_information(RowRange rows, DesignTile& tile, double* values) {
    const Design& design = objective_.design();
    double* diagonal_sums = values;
    double* beside_sums = values + thresholds_;
    double* between = beside_sums + thresholds_;
    total_.fill(0.0);
    for (std::size_t k = 0; k < thresholds_; ++k) {
      const double* diagonal = diagonal_.data() + k * length_;
      const double* beside = beside_.data() + k * length_;
      const double* before = k == 0 ? nullptr : beside - length_;
      sum_.fill(0.0);
      for (std::size_t i = 0; i < rows.count; ++i) {
        sum_[i] = diagonal[i] + beside[i] + (before ? before[i] : 0.0);
        total_[i] += sum_[i];
        diagonal_sums[k] += diagonal[i];
        beside_sums[k] += beside[i];
      }
      design.add_score(tile, sum_.data(), between + k * design.own_width());
    }
    double* tables = between + thresholds_ * design.own_width();
    design.add_information(tile, total_.data(), tables);
    return tables + design.tables_size();
  }

  // Of the expected information: a row for each class, (F'_k e_k - F'_(k-1) e_(k-1)) sqrt(w / P_k).
  void add_root(RowRange rows, const DesignTile& tile, Matrix& root) {
    const Design& design = objective_.design();
    const std::size_t p = design.coefficient_count();
    expanded_.resize(length_ * p);
    spread_.resize(length_ * (thresholds_ + p));
    design.expand(tile, expanded_.data(), length_);
    for (std::size_t k = 0; k <= thresholds_; ++k) {
      spread_.fill(0.0);
      for (std::size_t i = 0; i < rows.count; ++i) {
        const double scale = std::sqrt(share(prior_[i], k, i));
        const double above = scale * rows_.density(k, i);
        const double below = k == 0 ? 0.0 : scale * rows_.density(k - 1, i);
        if (k < thresholds_) spread_[i + k * length_] = above;
        if (k > 0) spread_[i + (k - 1) * length_] = -below;
        sum_[i] = below - above;
      }
      for (std::size_t j = 0; j < p; ++j)
        for (std::size_t i = 0; i < rows.count; ++i)
          spread_[i + (thresholds_ + j) * length_] = sum_[i] * expanded_[i + j * length_];
      absorb_rows(root, spread_.data(), length_, rows.count);
    }
  }

  const CumulativeObjective& objective_;
  std::size_t thresholds_;
  std::size_t length_;
  CumulativeRows rows_;
  AlignedBuffer eta_, prior_, sum_, total_;
  AlignedBuffer diagonal_, beside_;  ///< T of each row, a column for each threshold
  AlignedBuffer expanded_, spread_;  ///< for blockwise QR only
};

CumulativeObjective::CumulativeObjective(const Design& design, CategoryResponse response,
                                         const CumulativeLink& link, unsigned threads,
                                         std::function<void()> poll)
    : SweepObjective(design, {threads, std::move(poll)}), response_(response), link_(link) {
  traits_.coefficients = threshold_count() + design.coefficient_count();
  traits_.has_observed_information = true;
  describe_rows(response.prior_weights);
}

bool CumulativeObjective::begin(PassPoint, const std::vector<double>& coefficients) {
  const auto split = coefficients.begin() + static_cast<std::ptrdiff_t>(threshold_count());
  thresholds_.assign(coefficients.begin(), split);
  own_ = design().to_own({split, coefficients.end()});
  return std::adjacent_find(thresholds_.begin(), thresholds_.end(),
                            [](double a, double b) { return !(a < b); }) == thresholds_.end();
}

std::unique_ptr<TileWorker> CumulativeObjective::make_worker() const {
  return std::make_unique<Worker>(*this);
}

// Each information: diagonal of T and what is beside it, thresholds x b, tables of b.
std::size_t CumulativeObjective::information_size() const {
  return threshold_count() * (2 + design().own_width()) + design().tables_size();
}

// Score (thresholds, b), expected information, observed information.
std::size_t CumulativeObjective::values_size(unsigned need) const {
  std::size_t size = 0;
  if (need & need_score) size += threshold_count() + design().own_width();
  if (need & need_information) size += information_size();
  if (need & need_observed_information) size += information_size();
  return size;
}

double CumulativeObjective::row_cost(unsigned need) const {
  constexpr double threshold_cost = 200.0;  // cumulative probabilities, in Gram operations
  const double thresholds = static_cast<double>(threshold_count());
  const double p = static_cast<double>(coefficient_count());
  double cost = thresholds * threshold_cost + design().row_cost();
  const double information = thresholds * design().row_cost() + design().information_cost();
  if (need & need_information) cost += information;
  if (need & need_observed_information) cost += information;
  if (need & need_root) cost += 8.0 * (thresholds + 1.0) * p * p;
  return cost;
}

void CumulativeObjective::collect(const LaneTotals& total, Sums& sums) const {
  const unsigned need = sums.filled;
  const std::size_t thresholds = threshold_count();
  const double* next = total.values.data();
  if (need & need_score) {
    std::vector<double> part;
    sums.score.assign(next, next + thresholds);
    design().collect_score(next + thresholds, part);
    sums.score.insert(sums.score.end(), part.begin(), part.end());
    next += thresholds + design().own_width();
  }
  if (need & need_information) {
    collect_information(next, sums.information.matrix());
    next += information_size();
  }
  if (need & need_observed_information)
    collect_information(next, sums.observed_information.matrix());
}

void CumulativeObjective::collect_information(const double* next, Matrix& information) const {
  const std::size_t thresholds = threshold_count(), p = design().coefficient_count();
  std::vector<double> part;
  information.resize_zero(coefficient_count(), coefficient_count());
  for (std::size_t k = 0; k < thresholds; ++k) information(k, k) = next[k];
  for (std::size_t k = 0; k + 1 < thresholds; ++k)
    information(k, k + 1) = information(k + 1, k) = next[thresholds + k];
  next += 2 * thresholds;
  for (std::size_t k = 0; k < thresholds; ++k, next += design().own_width()) {
    design().collect_score(next, part);
    for (std::size_t j = 0; j < p; ++j)
      information(k, thresholds + j) = information(thresholds + j, k) = -part[j];
  }
  Information of_columns;
  design().collect_information(next, of_columns);
  const Matrix& table = of_columns;
  for (std::size_t j = 0; j < p; ++j)
    for (std::size_t i = 0; i < p; ++i) information(thresholds + i, thresholds + j) = table(i, j);
}

}  // namespace glmpp
