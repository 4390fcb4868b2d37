#' glmpp: generalized linear models with fast, accurate C++ solvers
#'
#' [glmpp()] takes the arguments of [stats::glm()] and returns a glm-like object; `glm(..., method =
#' glmpp_fit)` returns a plain glm fitted by the same solver; [as.glm()] makes a plain glm from a glmpp fit;
#' [side_by_side()] shows a fit beside `glm()`. With [multinomial()] and [ordinal()] it fits responses of several
#' categories, which [as.multinom()] and [as.polr()] turn into fits of nnet and MASS. [glmpp_chart] lists the charts;
#' `vignette("inside", "glmpp")` tells how it all works.
#'
#' @section Options:
#' `glmpp.threads`: the number of threads when `threads` is not given. `glmpp.eliminate`: from how many coefficients on the largest factor of a model
#' is eliminated (500). `glmpp.memory`: the most bytes that something big may
#' take (by default what is free). `glmpp.progress`: `FALSE` for no progress bars, `TRUE` for bars in scripts too, `"text"` for bars without
#' \pkg{cli}; by default they are shown in interactive sessions, see [glmpp_control()].
#'
#' @name glmpp-package
#' @docType package
#' @keywords internal
#' @useDynLib glmpp, .registration = TRUE
#' @importFrom Rcpp evalCpp
#' @import graphics
#' @import stats
#' @importFrom grDevices adjustcolor hcl.colors
#' @importFrom methods setOldClass
NULL

# Packages with S4 methods for "glm" (texreg) find them for our fits through this.
setOldClass(c("glmpp", "glm", "lm"))
