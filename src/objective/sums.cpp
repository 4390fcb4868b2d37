#include "sums.h"

#include <algorithm>
#include <stdexcept>

#include "linalg/triangular_update.h"

namespace glmpp {

const std::vector<SumField>& sum_fields() {
  static const std::vector<SumField> fields = {
      {"score", need_score, Merge::add, nullptr, &Sums::score, nullptr},
      {"information", need_information, Merge::add, nullptr, nullptr, &Sums::information},
      {"observed_information", need_observed_information, Merge::add, nullptr, nullptr,
       &Sums::observed_information},
      {"adjustment", need_adjustment, Merge::add, nullptr, &Sums::adjustment, nullptr},
      {"cubes", need_adjustment, Merge::add, nullptr, &Sums::cubes, nullptr},
      {"root", need_root, Merge::root, nullptr, nullptr, &Sums::root},
      {"pearson", need_totals, Merge::add, &Sums::pearson, nullptr, nullptr},
      {"least_mean", need_totals, Merge::least, &Sums::least_mean, nullptr, nullptr},
      {"most_mean", need_totals, Merge::most, &Sums::most_mean, nullptr, nullptr},
      {"log_likelihood", need_parameter, Merge::add, &Sums::log_likelihood, nullptr, nullptr},
      {"parameter_score", need_parameter, Merge::add, &Sums::parameter_score, nullptr, nullptr},
      {"parameter_information", need_parameter, Merge::add, &Sums::parameter_information, nullptr,
       nullptr}};
  return fields;
}

const char* name_of(Merge merge) {
  switch (merge) {
    case Merge::add: return "add";
    case Merge::root: return "root";
    case Merge::least: return "least";
    case Merge::most: return "most";
  }
  return "unknown";
}

unsigned need_of(const std::vector<std::string>& names) {
  unsigned need = need_deviance;
  for (const std::string& name : names) {
    const SumField* found = nullptr;
    for (const SumField& field : sum_fields())
      if (name == field.name) found = &field;
    if (!found) {
      std::string message = "unknown sum \"" + name + "\"; known:";
      for (const SumField& field : sum_fields()) message += std::string(" ") + field.name;
      throw std::invalid_argument(message);
    }
    need |= found->need;
  }
  return need;
}

void merge_numbers(const Sums& other, Sums& total) {
  for (const SumField& field : sum_fields()) {
    if (!field.number) continue;
    const double value = other.*field.number;
    double& merged = total.*field.number;
    switch (field.merge) {
      case Merge::least: merged = std::min(merged, value); break;
      case Merge::most: merged = std::max(merged, value); break;
      default: merged += value;
    }
  }
}

void merge_roots(Matrix& other, Matrix& total) {
  absorb_rows(total, other.data(), other.rows(), other.rows());
}

namespace {

void hold_in_information(const std::vector<std::size_t>& held, Matrix& information) {
  for (std::size_t j : held) {
    for (std::size_t i = 0; i < information.rows(); ++i)
      information(i, j) = information(j, i) = 0.0;
    information(j, j) = 1.0;
  }
}

// The root of the same: the columns without the held ones, made triangular again, and a one for each of these.
void hold_in_root(const std::vector<std::size_t>& held, Matrix& root) {
  const std::size_t p = root.cols();
  Matrix rows = root, units(held.size(), p);
  for (std::size_t k = 0; k < held.size(); ++k) {
    for (std::size_t i = 0; i < p; ++i) rows(i, held[k]) = 0.0;
    units(k, held[k]) = 1.0;
  }
  root.resize_zero(p, p);
  absorb_rows(root, rows.data(), rows.rows(), rows.rows());
  absorb_rows(root, units.data(), units.rows(), units.rows());
}

}  // namespace

void hold(const std::vector<std::size_t>& held, Sums& sums) {
  if (held.empty()) return;
  for (const SumField& field : sum_fields()) {
    if (!sums.has(field.need)) continue;
    if (field.vector)
      for (std::size_t j : held) (sums.*field.vector)[j] = 0.0;
    if (field.matrix && field.merge == Merge::root)
      hold_in_root(held, sums.*field.matrix);
    else if (field.matrix)
      hold_in_information(held, sums.*field.matrix);
  }
}

}  // namespace glmpp
