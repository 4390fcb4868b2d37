#ifndef GLMPP_OBJECTIVE_SUMS_H
#define GLMPP_OBJECTIVE_SUMS_H

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "linalg/information.h"
#include "linalg/matrix.h"

namespace glmpp {

/// What a solver may ask of a pass, as bits.
enum Need : unsigned {
  need_deviance = 0,     ///< always filled
  need_score = 1,        ///< X' w (y - mu) (dmu/deta) / V
  need_information = 2,  ///< expected information X'WX, dispersion 1
  need_root = 4,         ///< its triangular root by blockwise QR, at about twice the work
  /// The score once more, from a predictor and sums in twice the working precision, where the
  /// objective can; some ten times the work of the plain one.
  need_exact_score = 8,
  /// X' diag(-d residual / d eta) X, of either sign, where the model knows it.
  need_observed_information = 16,
  /// Sums over the rows that summaries are made of: `pearson`, `least_mean` and `most_mean`.
  need_totals = 32,
  /// `log_likelihood`, `parameter_score` and `parameter_information` of the family's own parameter, where it has one.
  need_parameter = 64,
  /// `adjustment` and `cubes`, which the bias of the estimates is made of, by a factor that is given; see BiasTerms.
  need_adjustment = 128
};

/// What a pass returns.
struct Sums {
  double deviance = 0.0;
  bool valid = true;  ///< false when eta or mu left their region, or a sum is not finite
  unsigned filled = need_deviance;
  std::vector<double> score;
  Information information;
  Information observed_information;
  Matrix root;
  double pearson = 0.0;  ///< sum w (y - mu)^2 / V
  double least_mean = std::numeric_limits<double>::infinity();
  double most_mean = -std::numeric_limits<double>::infinity();

  double log_likelihood = 0.0;
  double parameter_score = 0.0;        ///< its derivative in the family's own parameter
  double parameter_information = 0.0;  ///< minus its second one

  std::vector<double> adjustment, cubes;

  bool has(unsigned need) const { return (filled & need) == need; }
};

/// How the sums of two sets of rows become one.
enum class Merge { add, root, least, most };
const char* name_of(Merge merge);

/// A field of Sums: all that plumbing knows of it. It is one of a number, a vector with an element for each coefficient, an
/// information, and a square matrix with a row and a column for each.
struct SumField {
  const char* name;
  unsigned need;  ///< which asks for it
  Merge merge;
  double Sums::*number;
  std::vector<double> Sums::*vector;
  Information Sums::*information;
  Matrix Sums::*matrix;
};

/// Every field but `deviance`, `valid` and `filled`. A new sum is a member of Sums and an entry here.
const std::vector<SumField>& sum_fields();

/// What fields of these names ask for together. Throws std::invalid_argument on an unknown one.
unsigned need_of(const std::vector<std::string>& names);

/// Merges the fields that are numbers, of other rows, into those of `total`.
void merge_numbers(const Sums& other, Sums& total);

/// The triangular root of both, put into `total`; `other` is overwritten.
void merge_roots(Matrix& other, Matrix& total);

/// The sums as if some coefficients were no arguments: their score is zero, and their rows and columns of each
/// information are those of the identity.
void hold(const std::vector<std::size_t>& held, Sums& sums);

}  // namespace glmpp

#endif
