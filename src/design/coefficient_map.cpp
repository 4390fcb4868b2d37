#include "coefficient_map.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace glmpp {

CoefficientMap CoefficientMap::identity(std::vector<std::size_t> position) {
  const std::size_t width = position.size();
  return CoefficientMap(width, std::move(position), 0);
}

CoefficientMap CoefficientMap::shifted(std::size_t width, std::vector<std::size_t> position,
                                       std::size_t shift) {
  if (position.size() > width || shift > width - position.size())
    throw std::invalid_argument("coefficients beyond the columns of their block");
  return CoefficientMap(width, std::move(position), shift);
}

CoefficientMap::CoefficientMap(std::size_t width, std::vector<std::size_t> position,
                               std::size_t shift)
    : width_(width), position_(std::move(position)), is_shifted_(true), shift_(shift) {}

CoefficientMap::CoefficientMap(std::size_t width, std::vector<std::size_t> position,
                               std::vector<std::size_t> start, std::vector<std::size_t> row,
                               std::vector<double> value)
    : width_(width),
      position_(std::move(position)),
      start_(std::move(start)),
      row_(std::move(row)),
      value_(std::move(value)) {
  find_shift();
  if (!is_shifted_) index_rows();
}

void CoefficientMap::find_shift() {
  if (row_.size() != position_.size() || row_.empty()) return;
  for (std::size_t k = 0; k < position_.size(); ++k)
    if (start_[k] != k || row_[k] != row_[0] + k || value_[k] != 1.0) return;
  is_shifted_ = true;
  shift_ = row_[0];
  start_ = {};
  row_ = {};
  value_ = {};
}

std::vector<std::size_t> CoefficientMap::kept(const std::vector<std::size_t>& place) const {
  std::vector<std::size_t> kept;
  for (std::size_t k = 0; k < coefficient_count(); ++k)
    if (place[position_[k]] != left_out) kept.push_back(k);
  return kept;
}

CoefficientMap CoefficientMap::restricted(const std::vector<std::size_t>& place) const {
  std::vector<std::size_t> position, start(1, 0), row;
  std::vector<double> value;
  for (std::size_t k : kept(place)) {
    position.push_back(place[position_[k]]);
    for (std::size_t e = first_entry(k); e < first_entry(k) + entry_count(k); ++e) {
      row.push_back(entry_row(e));
      value.push_back(entry_value(e));
    }
    start.push_back(row.size());
  }
  return CoefficientMap(width_, std::move(position), std::move(start), std::move(row),
                        std::move(value));
}

void CoefficientMap::index_rows() {
  row_start_.assign(width_ + 1, 0);
  for (std::size_t r : row_) ++row_start_[r + 1];
  std::partial_sum(row_start_.begin(), row_start_.end(), row_start_.begin());
  row_coefficient_.resize(row_.size());
  row_value_.resize(row_.size());
  std::vector<std::size_t> next(row_start_.begin(), row_start_.end() - 1);
  for (std::size_t k = 0; k < coefficient_count(); ++k)
    for (std::size_t e = start_[k]; e < start_[k + 1]; ++e) {
      const std::size_t slot = next[row_[e]]++;
      row_coefficient_[slot] = k;
      row_value_[slot] = value_[e];
    }
}

bool CoefficientMap::fits(std::size_t count) const {
  return std::all_of(position_.begin(), position_.end(),
                     [=](std::size_t position) { return position < count; });
}

double CoefficientMap::dot(std::size_t k, const double* own) const {
  if (is_shifted_) return own[k + shift_];
  double sum = 0.0;
  for (std::size_t e = start_[k]; e < start_[k + 1]; ++e) sum += value_[e] * own[row_[e]];
  return sum;
}

void CoefficientMap::to_own(const std::vector<double>& coefficients, double* own) const {
  if (is_shifted_) {
    std::fill_n(own, width_, 0.0);
    for (std::size_t k = 0; k < position_.size(); ++k) own[k + shift_] = coefficients[position_[k]];
    return;
  }
  for (std::size_t c = 0; c < width_; ++c) {
    double sum = 0.0;
    for (std::size_t e = row_start_[c]; e < row_start_[c + 1]; ++e)
      sum += row_value_[e] * coefficients[position_[row_coefficient_[e]]];
    own[c] = sum;
  }
}

void CoefficientMap::add_score(const double* own_score, std::vector<double>& score) const {
  for (std::size_t k = 0; k < coefficient_count(); ++k) score[position_[k]] += dot(k, own_score);
}

void CoefficientMap::add_squares(const double* own_squares, std::vector<double>& squares) const {
  for (std::size_t k = 0; k < coefficient_count(); ++k)
    for (std::size_t e = first_entry(k); e < first_entry(k) + entry_count(k); ++e)
      squares[position_[k]] += entry_value(e) * entry_value(e) * own_squares[entry_row(e)];
}

void CoefficientMap::add_row(std::size_t own_column, double multiplier, double* row,
                             std::size_t stride) const {
  visit_row(own_column,
            [&](std::size_t k, double value) { row[position_[k] * stride] += multiplier * value; });
}

void CoefficientMap::set_information(const CoefficientMap& a, const CoefficientMap& b,
                                     const double* table, std::size_t leading_dimension,
                                     SymmetricElements& information) {
  std::vector<double> combined(a.width_);
  for (std::size_t j = 0; j < b.coefficient_count(); ++j) {
    std::fill(combined.begin(), combined.end(), 0.0);
    for (std::size_t e = b.first_entry(j); e < b.first_entry(j) + b.entry_count(j); ++e) {
      const double* column = table + b.entry_row(e) * leading_dimension;
      for (std::size_t c = 0; c < a.width_; ++c) combined[c] += b.entry_value(e) * column[c];
    }
    for (std::size_t i = 0; i < a.coefficient_count(); ++i) {
      const double sum = a.dot(i, combined.data());
      information.set(a.position_[i], b.position_[j], sum);
    }
  }
}

void CoefficientMap::set_information_diagonal(const CoefficientMap& a, const CoefficientMap& b,
                                              const double* diagonal,
                                              SymmetricElements& information) {
  std::vector<double> sums(a.coefficient_count());
  std::vector<std::size_t> met;
  for (std::size_t j = 0; j < b.coefficient_count(); ++j) {
    met.clear();
    for (std::size_t e = b.first_entry(j); e < b.first_entry(j) + b.entry_count(j); ++e) {
      const double own = b.entry_value(e) * diagonal[b.entry_row(e)];
      a.visit_row(b.entry_row(e), [&](std::size_t i, double value) {
        met.push_back(i);
        sums[i] += value * own;
      });
    }
    for (std::size_t i : met) information.set(a.position_[i], b.position_[j], sums[i]);
    for (std::size_t i : met) sums[i] = 0.0;
  }
}

}  // namespace glmpp
