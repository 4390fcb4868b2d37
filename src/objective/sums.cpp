#include "sums.h"

#include <algorithm>
#include <stdexcept>

#include "linalg/triangular_update.h"

namespace glmpp {

namespace {

SumField number_field(const char* name, unsigned need, Merge merge, double Sums::*number) {
  return {name, need, merge, number, nullptr, nullptr, nullptr};
}
SumField vector_field(const char* name, unsigned need, std::vector<double> Sums::*vector) {
  return {name, need, Merge::add, nullptr, vector, nullptr, nullptr};
}
SumField information_field(const char* name, unsigned need, Information Sums::*information) {
  return {name, need, Merge::add, nullptr, nullptr, information, nullptr};
}

}  // namespace

const std::vector<SumField>& sum_fields() {
  static const std::vector<SumField> fields = {
      vector_field("score", need_score, &Sums::score),
      information_field("information", need_information, &Sums::information),
      information_field("observed_information", need_observed_information,
                        &Sums::observed_information),
      vector_field("adjustment", need_adjustment, &Sums::adjustment),
      vector_field("cubes", need_adjustment, &Sums::cubes),
      {"root", need_root, Merge::root, nullptr, nullptr, nullptr, &Sums::root},
      number_field("pearson", need_totals, Merge::add, &Sums::pearson),
      number_field("least_mean", need_totals, Merge::least, &Sums::least_mean),
      number_field("most_mean", need_totals, Merge::most, &Sums::most_mean),
      number_field("log_likelihood", need_parameter, Merge::add, &Sums::log_likelihood),
      number_field("parameter_score", need_parameter, Merge::add, &Sums::parameter_score),
      number_field("parameter_information", need_parameter, Merge::add,
                   &Sums::parameter_information)};
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

void merge_roots(Matrix& other, Matrix& total) { absorb_root(total, other); }

namespace {

// The root of the information in which they are held: the columns without the held ones, made triangular again, and a one for each of these.
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
    if (field.matrix) hold_in_root(held, sums.*field.matrix);
    if (field.information) (sums.*field.information).hold(held);
  }
}

}  // namespace glmpp
