#include "softmax_objective.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "family/softmax.h"
#include "linalg/triangular_update.h"

namespace glmpp {

namespace {

constexpr unsigned any_information = need_information | need_observed_information;

}  // namespace

class SoftmaxObjective::Worker : public TileWorker {
 public:
  explicit Worker(const SoftmaxObjective& objective)
      : objective_(objective),
        length_(padded_to_8(objective.design().tile_rows())),
        softmax_(objective.response_.classes, length_),
        prior_(length_),
        total_(length_),
        weight_(length_) {}

  void add(RowRange rows, DesignTile& tile, LaneTotals& totals) override {
    const unsigned need = objective_.need();
    predict(rows, tile);
    totals.valid &= softmax_.evaluate(rows.count);
    totals.deviance += deviance(rows);
    double* values = totals.values.data();
    if (need & need_score) values = add_score(rows, tile, values);
    if (need & any_information) add_information(rows, tile, values);
    if (need & need_root) add_root(rows, tile, totals.root);
  }

 private:
  const CategoryResponse& response() const { return objective_.response_; }
  const std::vector<std::size_t>& free() const { return objective_.free_; }
  std::size_t code(RowRange rows, std::size_t i) const {
    return static_cast<std::size_t>(response().codes[rows.begin + i] - 1);
  }
  const double* counts(RowRange rows, std::size_t k) const {
    return response().counts + k * objective_.design().rows() + rows.begin;
  }

  void predict(RowRange rows, DesignTile& tile) {
    const double* offset = response().offset;
    for (std::size_t k = 0; k < response().classes; ++k) {
      double* eta = softmax_.eta(k);
      if (offset)
        std::copy_n(offset + k * objective_.design().rows() + rows.begin, rows.count, eta);
      else
        std::fill_n(eta, rows.count, 0.0);
    }
    for (std::size_t a = 0; a < free().size(); ++a)
      objective_.design().add_linear_predictor(tile, objective_.own_[a].data(),
                                               softmax_.eta(free()[a]));
    response().prior_weights.read(rows, prior_.data());
    std::copy_n(prior_.data(), rows.count, total_.data());
    if (!response().counts) return;
    weight_.fill(0.0);
    for (std::size_t k = 0; k < response().classes; ++k)
      for (std::size_t i = 0; i < rows.count; ++i) weight_[i] += counts(rows, k)[i];
    for (std::size_t i = 0; i < rows.count; ++i) total_[i] *= weight_[i];
  }

  double deviance(RowRange rows) const {
    double sum = 0.0;
    if (!response().counts) {
      for (std::size_t i = 0; i < rows.count; ++i)
        sum += prior_[i] * softmax_.log_probability(code(rows, i), i);
      return -2.0 * sum;
    }
    for (std::size_t k = 0; k < response().classes; ++k)
      for (std::size_t i = 0; i < rows.count; ++i)
        sum += prior_[i] * counts(rows, k)[i] * softmax_.log_probability(k, i);
    return -2.0 * sum;
  }

  // w (y_k - p_k), with the complement taken where y_k = 1.
  double* add_score(RowRange rows, const DesignTile& tile, double* score) {
    for (std::size_t k : free()) {
      const double* p = softmax_.probabilities(k);
      if (response().counts) {
        for (std::size_t i = 0; i < rows.count; ++i)
          weight_[i] = prior_[i] * counts(rows, k)[i] - total_[i] * p[i];
      } else {
        for (std::size_t i = 0; i < rows.count; ++i)
          weight_[i] =
              code(rows, i) == k ? prior_[i] * softmax_.complement(k, i) : -prior_[i] * p[i];
      }
      pad(rows.count);
      objective_.design().add_score(tile, weight_.data(), score);
      score += objective_.design().own_width();
    }
    return score;
  }

  void add_information(RowRange rows, DesignTile& tile, double* tables) {
    for (std::size_t b = 0; b < free().size(); ++b)
      for (std::size_t a = 0; a <= b; ++a) {
        const double* p = softmax_.probabilities(free()[a]);
        const double* q = softmax_.probabilities(free()[b]);
        if (a == b)
          for (std::size_t i = 0; i < rows.count; ++i)
            weight_[i] = total_[i] * p[i] * softmax_.complement(free()[a], i);
        else
          for (std::size_t i = 0; i < rows.count; ++i) weight_[i] = -total_[i] * p[i] * q[i];
        pad(rows.count);
        objective_.design().add_information(tile, weight_.data(), tables);
        tables += objective_.design().tables_size();
      }
  }

  // The information of a row is B'B with B_ka = sqrt(w p_k) (delta_ka - p_a) over all classes k.
  void add_root(RowRange rows, const DesignTile& tile, Matrix& root) {
    const std::size_t p = objective_.design().coefficient_count();
    expanded_.resize(length_ * p);
    spread_.resize(length_ * p * free().size());
    objective_.design().expand(tile, expanded_.data(), length_);
    for (std::size_t k = 0; k < response().classes; ++k) {
      for (std::size_t a = 0; a < free().size(); ++a) {
        const std::size_t other = free()[a];
        for (std::size_t i = 0; i < rows.count; ++i)
          weight_[i] = std::sqrt(total_[i] * softmax_.probability(k, i)) *
                       (other == k ? softmax_.complement(k, i) : -softmax_.probability(other, i));
        for (std::size_t j = 0; j < p; ++j)
          for (std::size_t i = 0; i < rows.count; ++i)
            spread_[i + (a * p + j) * length_] = weight_[i] * expanded_[i + j * length_];
      }
      absorb_rows(root, spread_.data(), length_, rows.count);
    }
  }

  void pad(std::size_t count) {
    std::fill(weight_.data() + count, weight_.data() + padded_to_8(count), 0.0);
  }

  const SoftmaxObjective& objective_;
  std::size_t length_;
  SoftmaxRows softmax_;
  AlignedBuffer prior_;
  AlignedBuffer total_;              ///< prior weight times the number of trials
  AlignedBuffer weight_;             ///< of the sum at hand
  AlignedBuffer expanded_, spread_;  ///< for blockwise QR only
};

SoftmaxObjective::SoftmaxObjective(const Design& design, CategoryResponse response,
                                   std::size_t baseline, std::vector<std::size_t> undetermined,
                                   unsigned threads, std::function<void()> poll)
    : SweepObjective(design, {threads, std::move(poll)}),
      response_(response),
      undetermined_(std::move(undetermined)) {
  for (std::size_t k = 0; k < response.classes; ++k)
    if (k != baseline) free_.push_back(k);
  traits_.coefficients = free_.size() * design.coefficient_count();
  traits_.has_observed_information = true;  // it is the expected one
  describe_rows(response.prior_weights);
}

bool SoftmaxObjective::begin(PassPoint, const std::vector<double>& coefficients) {
  const std::size_t p = design().coefficient_count();
  own_.clear();
  for (std::size_t a = 0; a < free_.size(); ++a) {
    const auto first = coefficients.begin() + static_cast<std::ptrdiff_t>(a * p);
    own_.push_back(design().to_own({first, first + static_cast<std::ptrdiff_t>(p)}));
  }
  return true;
}

std::unique_ptr<TileWorker> SoftmaxObjective::make_worker() const {
  return std::make_unique<Worker>(*this);
}

std::size_t SoftmaxObjective::values_size(unsigned need) const {
  std::size_t size = 0;
  if (need & need_score) size += free_.size() * design().own_width();
  if (need & any_information) size += pair_count() * design().tables_size();
  return size;
}

double SoftmaxObjective::row_cost(unsigned need) const {
  constexpr double class_cost = 100.0;  // an exponential and the like, in Gram operations
  const double classes = static_cast<double>(response_.classes);
  const double p = static_cast<double>(coefficient_count());
  double cost = classes * (class_cost + design().row_cost());
  if (need & any_information)
    cost += static_cast<double>(pair_count()) * design().information_cost();
  if (need & need_root) cost += 8.0 * classes * p * p;
  return cost;
}

void SoftmaxObjective::collect(const LaneTotals& total, Sums& sums) const {
  const unsigned need = sums.filled;
  const double* next = total.values.data();
  if (need & need_score) {
    collect_score(next, sums.score);
    next += free_.size() * design().own_width();
  }
  if (need & any_information) {
    Matrix& information =
        (need & need_information ? sums.information : sums.observed_information).matrix();
    collect_information(next, information);
    complete(information);
    if ((need & any_information) == any_information) sums.observed_information = sums.information;
  }
  if (need & need_root) complete_root(sums.root);
}

void SoftmaxObjective::collect_score(const double* next, std::vector<double>& score) const {
  std::vector<double> part;
  score.clear();
  for (std::size_t a = 0; a < free_.size(); ++a, next += design().own_width()) {
    design().collect_score(next, part);
    score.insert(score.end(), part.begin(), part.end());
  }
}

void SoftmaxObjective::collect_information(const double* next, Matrix& information) const {
  const std::size_t p = design().coefficient_count();
  information.resize_zero(coefficient_count(), coefficient_count());
  Information of_pair;
  for (std::size_t b = 0; b < free_.size(); ++b)
    for (std::size_t a = 0; a <= b; ++a, next += design().tables_size()) {
      design().collect_information(next, of_pair);
      const Matrix& table = of_pair;
      for (std::size_t j = 0; j < p; ++j)
        for (std::size_t i = 0; i < p; ++i) {
          information(a * p + i, b * p + j) = table(i, j);
          information(b * p + j, a * p + i) = table(i, j);
        }
    }
}

// By the mean of the column's own information over the classes.
void SoftmaxObjective::complete(Matrix& information) const {
  const std::size_t p = design().coefficient_count(), classes = free_.size();
  const double count = static_cast<double>(classes);
  for (std::size_t j : undetermined_) {
    double mean = 0.0;
    for (std::size_t a = 0; a < classes; ++a) mean += information(a * p + j, a * p + j) / count;
    for (std::size_t a = 0; a < classes; ++a)
      for (std::size_t b = 0; b < classes; ++b) information(a * p + j, b * p + j) += mean / count;
  }
}

void SoftmaxObjective::complete_root(Matrix& root) const {
  const std::size_t p = design().coefficient_count(), classes = free_.size();
  const double count = static_cast<double>(classes);
  Matrix rows(undetermined_.size(), coefficient_count());
  for (std::size_t k = 0; k < undetermined_.size(); ++k) {
    const std::size_t j = undetermined_[k];
    double mean = 0.0;
    for (std::size_t a = 0; a < classes; ++a)
      for (std::size_t i = 0; i < root.rows(); ++i)
        mean += root(i, a * p + j) * root(i, a * p + j) / count;
    for (std::size_t a = 0; a < classes; ++a) rows(k, a * p + j) = std::sqrt(mean / count);
  }
  if (!undetermined_.empty()) absorb_rows(root, rows.data(), rows.rows(), rows.rows());
}

}  // namespace glmpp
