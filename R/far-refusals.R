# What needs the rows of a fit whose rows are elsewhere.

stop_needs_rows <- function(what, ...) {
  stop_glmpp("rows", sprintf("%s needs the rows, and a fit from afar has sums only.", what), ...,
             i = "Rows at hand: `predict(fit, newdata = part, type = \"response\")` for fitted values; the response less those are residuals.",
             i = "All rows, if they fit into memory: fit the data frame itself.")
}

remote_rows <- c("residuals", "fitted.values", "linear.predictors", "weights", "prior.weights", "y", "model", "x",
                    "effects", "data")

#' @export
`$.glmpp_remote` <- function(x, name) {
  if (name %in% remote_rows) stop_needs_rows(sprintf("`$%s`", name))
  .subset2(x, name)
}

#' @export
`[[.glmpp_remote` <- function(x, i, ...) {
  if (is.character(i) && i[1] %in% remote_rows) stop_needs_rows(sprintf("`[[\"%s\"]]`", i[1]))
  .subset2(x, i, ...)
}

#' @export
residuals.glmpp_remote <- function(object, ...) stop_needs_rows("residuals()")
#' @export
fitted.glmpp_remote <- function(object, ...) stop_needs_rows("fitted()")
#' @export
weights.glmpp_remote <- function(object, ...) stop_needs_rows("weights()")
#' @export
model.frame.glmpp_remote <- function(formula, ...) stop_needs_rows("model.frame()")
#' @export
model.matrix.glmpp_remote <- function(object, ...) stop_needs_rows("model.matrix()")
#' @export
plot.glmpp_remote <- function(x, ...) stop_needs_rows("plot()")
#' @export
influence.glmpp_remote <- function(model, ...) stop_needs_rows("influence()")
#' @export
hatvalues.glmpp_remote <- function(model, ...) stop_needs_rows("hatvalues()")
#' @export
cooks.distance.glmpp_remote <- function(model, ...) stop_needs_rows("cooks.distance()")
#' @export
rstandard.glmpp_remote <- function(model, ...) stop_needs_rows("rstandard()")
#' @export
rstudent.glmpp_remote <- function(model, ...) stop_needs_rows("rstudent()")
#' @export
dfbeta.glmpp_remote <- function(model, ...) stop_needs_rows("dfbeta()")
#' @export
dfbetas.glmpp_remote <- function(model, ...) stop_needs_rows("dfbetas()")
#' @export
simulate.glmpp_remote <- function(object, nsim = 1, seed = NULL, ...) stop_needs_rows("simulate()")
#' @exportS3Method generics::augment
augment.glmpp_remote <- function(x, ...) stop_needs_rows("augment()")
#' @exportS3Method sandwich::estfun
estfun.glmpp_remote <- function(x, ...) {
  stop_needs_rows("estfun()", i = "Robust standard errors: `vcov(fit, type = \"HC1\")`, clustered with `cluster = ~ id`.")
}
