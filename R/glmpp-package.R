#' glmpp: generalized linear models with fast, accurate C++ solvers
#'
#' [glmpp()] takes the arguments of [stats::glm()] and returns a glm-like object; `glm(..., method =
#' glmpp_fit)` returns a plain glm fitted by the same solver; [as.glm()] makes a plain glm from a glmpp fit;
#' [side_by_side()] shows a fit beside `glm()`.
#'
#' @section Options:
#' `glmpp.threads`: the number of threads when `threads` is not given.
#'
#' @keywords internal
#' @useDynLib glmpp, .registration = TRUE
#' @importFrom Rcpp evalCpp
#' @import stats
"_PACKAGE"

# tidypredict, texreg and others register methods by S4 class.
methods_are_known <- function() {
  methods::setOldClass(c("glmpp", "glm", "lm"))
}
