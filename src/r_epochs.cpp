#include "r_epochs.h"

namespace glmpp {

void REpochs::begin(const std::vector<double>& start, const std::vector<double>& mean_diagonal) {
  iterate_ = average_ = start;
  mean_diagonal_ = mean_diagonal;
}

bool REpochs::run() {
  const Rcpp::List made = epoch_(iterate_, average_, mean_diagonal_);
  iterate_ = Rcpp::as<std::vector<double>>(made["iterate"]);
  average_ = Rcpp::as<std::vector<double>>(made["average"]);
  return Rcpp::as<bool>(made["valid"]);
}

}  // namespace glmpp
