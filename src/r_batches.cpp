#include "r_batches.h"

#include "convert.h"

namespace glmpp {

RBatches::RBatches(Rcpp::Function next_part, const RowModel& model, std::size_t coefficients,
                   std::size_t tiles)
    : next_part_(std::move(next_part)), model_(model), coefficients_(coefficients), tiles_(tiles) {}

std::size_t RBatches::load(std::size_t) {
  while (!batches_ || tile_ == batches_->tile_count()) fetch();
  return batches_->load(tile_++);
}

void RBatches::fetch() {
  check_interrupt();
  SEXP part = next_part_();
  if (Rf_isNull(part)) part = next_part_();
  if (Rf_isNull(part)) Rcpp::stop("the data have no rows any more");
  batches_.reset();
  part_ = Rcpp::List(part);
  design_ = as_design(Rcpp::List(part_["design"]));
  response_ = as_response(part_["response"], design_->rows());
  batches_ = std::make_unique<MemoryBatches>(*design_, model_, response_);
  tile_ = 0;
}

bool RBatches::add_score(const std::size_t* rows, std::size_t count,
                         const std::vector<double>& coefficients, std::vector<double>& score) {
  return batches_->add_score(rows, count, coefficients, score);
}

bool RBatches::update_implicitly(std::size_t row, const std::vector<double>& rate,
                                 std::vector<double>& coefficients) {
  return batches_->update_implicitly(row, rate, coefficients);
}

RBatches as_batches(const Rcpp::List& source, const RowModel& model, std::size_t coefficients) {
  return RBatches(source["next_part"], model, coefficients,
                  static_cast<std::size_t>(Rcpp::as<double>(source["tiles"])));
}

}  // namespace glmpp
