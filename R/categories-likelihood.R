# The likelihood of models for categories: see likelihood.R.

#' @export
loglik.glmpp_categories <- function(object, ...) {
  y <- category_outcomes(object)
  p <- object$fitted.values
  rows <- if (is.matrix(y)) rowSums(ifelse(y > 0, y * log(p), 0)) else log(p[cbind(seq_along(y), y)])
  named(ifelse(object$prior.weights > 0, object$prior.weights * rows, 0), rownames(p))
}

category_nll <- function(frame, family, coefficients, contrasts) {
  schema <- category_schema(frame, contrasts, family)
  design <- design_blocks(schema, frame)
  response <- read_categories(frame, family)
  problem <- category_problem(design, response, schema, category_settings(new_settings(list()), design, response), integer())
  start <- core_start(category_start(coefficients, design, response, schema))
  sums <- evaluate_problem(problem, start, c("score", "information", "observed_information"))
  names <- problem$names
  order <- estimate_order(response, length(names))
  as_matrix <- function(values) `dimnames<-`(values[order, order, drop = FALSE], list(names[order], names[order]))
  list(value = sums$deviance / 2, gradient = named(-sums$score, names)[order], information = as_matrix(sums$information),
       observed_information = as_matrix(sums$observed_information))
}
