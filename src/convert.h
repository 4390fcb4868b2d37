#ifndef GLMPP_CONVERT_H
#define GLMPP_CONVERT_H

#include <Rcpp.h>

#include <memory>
#include <vector>

#include "design/design.h"
#include "family/row_model.h"
#include "linalg/matrix.h"
#include "objective/bias_terms.h"
#include "objective/memory_objective.h"
#include "objective/penalty.h"
#include "objective/row_groups.h"
#include "objective/row_quantities.h"
#include "solver/control.h"
#include "solver/fit.h"
#include "solver/penalised_fit.h"
#include "solver/solver_options.h"

namespace glmpp {

// Between R's lists and the core's types. What is borrowed from R lives as long as the call.

std::vector<VariableView> as_variables(const Rcpp::List& variables);
/// `variables` may be those of the design or of the groups of its rows.
std::unique_ptr<Design> as_design(const Rcpp::List& design,
                                  const std::vector<VariableView>& variables, std::size_t rows);
std::unique_ptr<Design> as_design(const Rcpp::List& design);
std::unique_ptr<RowGroups> as_row_groups(const Rcpp::List& design, const Response& response,
                                         int threads);
std::unique_ptr<RowModel> as_row_model(const Rcpp::List& family);
/// The values themselves, one for each row, or NULL; others are refused.
SEXP of_rows(SEXP values, std::size_t rows);
Response as_response(const Rcpp::List& response, std::size_t rows);
Start as_start(const Rcpp::List& start);
Control as_control(const Rcpp::List& control);
SolverOptions as_solver_options(const Rcpp::List& solver);
StochasticOptions as_stochastic_options(const Rcpp::List& options);
/// Null for NULL.
std::unique_ptr<Penalty> as_penalty(SEXP penalty);
/// A list of `columns` and `coding`, lists with an element for each group, and numbers `norm`, `square`, `lower` and `upper`.
SeparablePenalty as_separable_penalty(const Rcpp::List& penalty, std::size_t coefficients);
/// `request`: `weight` of all rows, `tolerance`, `iterations`, `scale` of each coefficient's column.
ProximalControl as_proximal_control(const Rcpp::List& request);
/// The same with `penalty`, `lambda`, `is_wide`, and `norm` and `mean` of each column. Null for NULL.
std::unique_ptr<SeparableTerm> as_separable_term(SEXP request);
Column as_column(SEXP variable, R_xlen_t first = 0);
/// A named list of known length: adding a name to an Rcpp::List copies it each time.
class ListBuilder {
 public:
  explicit ListBuilder(R_xlen_t size) : values_(size), names_(size) {}

  template <class Value>
  ListBuilder& add(const char* name, const Value& value) {
    const Rcpp::Shield<SEXP> wrapped(Rcpp::wrap(value));
    SET_VECTOR_ELT(values_, filled_, wrapped);
    SET_STRING_ELT(names_, filled_++, Rf_mkChar(name));
    return *this;
  }
  /// Room that was not used goes.
  Rcpp::List finish() {
    if (filled_ < values_.size()) {
      values_ = Rf_xlengthgets(values_, filled_);
      names_ = Rf_xlengthgets(names_, filled_);
    }
    Rf_setAttrib(values_, R_NamesSymbol, names_);
    return values_;
  }

 private:
  Rcpp::List values_;
  Rcpp::CharacterVector names_;
  R_xlen_t filled_ = 0;
};

/// Of a list of `root`, `estimable`, `on_slope`, `on_variance` and `with_cubes`; null for NULL.
std::unique_ptr<BiasTerms> as_bias_terms(SEXP terms);

constexpr R_xlen_t factor_fields = 5, solution_fields = 32;
/// What a solver reached, in so many fields at the most. What R reads most stands first, since R looks for an element from the first
/// on, and what R adds to it has its place there.
void add_solution(const Fit& fit, ListBuilder& list);
/// What is read of it more rarely.
void add_details(const Fit& fit, ListBuilder& list);
void add_factor(const InformationFactor& factor, ListBuilder& list);
/// What a pass filled, by name.
void add_sums(const Sums& sums, ListBuilder& list);
inline R_xlen_t sums_fields() { return static_cast<R_xlen_t>(sum_fields().size()) + 2; }
/// What a list has of the fields that `need` asks for, of a model with so many coefficients.
/// Its informations are bordered where a shape is given.
void read_sums(const Rcpp::List& list, unsigned need, std::size_t coefficients,
               const std::shared_ptr<const BorderedShape>& shape, Sums& sums);
/// A matrix, or of a bordered information a vector: blocks, rows and corner, which adds up where the shapes are the same.
SEXP from_information(const Information& information);
Information as_bordered_information(SEXP values, std::shared_ptr<const BorderedShape> shape,
                                    const char* name);
/// The factor of a bordered information as a list, with `combinations` of the aliased columns; NULL of another.
SEXP from_bordered(const InformationFactor& factor);
BorderedFactor as_bordered(const Rcpp::List& list);
/// The fields of Sums that `need` asks for.
Rcpp::CharacterVector names_of(unsigned need);
Matrix as_matrix(const Rcpp::NumericMatrix& matrix);
Rcpp::NumericMatrix from_matrix(const Matrix& matrix);
Rcpp::IntegerVector from_positions(const std::vector<std::size_t>& positions);
std::vector<std::size_t> as_positions(const Rcpp::IntegerVector& positions);
Sweep as_sweep(int threads);
void check_interrupt();

}  // namespace glmpp

#endif
