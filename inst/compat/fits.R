# The models of the battery, the fits that ours stand for, and the doors by which ours are made: each turns a model into a call.

models <- list(
  logistic = list(
    call = quote(glm(case ~ age + spontaneous + education, binomial, infert)), smaller = case ~ age + spontaneous,
    names = list(factors = "education", numbers = "age", new = infert[c(2, 5, 90, 248), ])
  ),
  counts = list(
    call = quote(glm(breaks ~ gram + wool + tension, poisson, loom)), smaller = breaks ~ gram + wool,
    names = list(factors = "tension", numbers = "gram", new = transform(warpbreaks[c(2, 5, 50), ], gram = c(1, 6, 4)))
  ),
  categories = list(
    call = quote(glm(Sat ~ Infl + Type, data = homes, weights = Freq)), smaller = Sat ~ Infl,
    names = list(factors = "Infl", new = MASS::housing[c(1, 5, 20, 40, 71), ])
  )
)

# Where packages look for the data of a fit: the names of the calls above that are no data of R's own.
model_data <- list(loom = transform(warpbreaks, gram = (1:54 * 7) %% 11), homes = MASS::housing)

references <- list(
  glm = function(model) with_arguments(model, quote(glm), epsilon = 1e-14, maxit = 50),
  multinomial = function(model) with_arguments(model, quote(multinom), trace = FALSE, reltol = 1e-15, maxit = 1000, Hess = TRUE),
  ordinal = function(model) with_arguments(model, quote(polr), Hess = TRUE, control = list(reltol = 1e-15))
)

doors <- list(
  "glmpp()" = list(stands_for = "glm", make = function(model) with_arguments(model, quote(glmpp), epsilon = 1e-14, maxit = 50)),
  "as.glm()" = list(stands_for = "glm", make = function(model) call("as.glm", with_arguments(model, quote(glmpp), epsilon = 1e-14, maxit = 50))),
  "glm(method = glmpp_fit)" = list(
    stands_for = "glm", make = function(model) with_arguments(model, quote(glm), method = quote(glmpp_fit), epsilon = 1e-14, maxit = 50)
  ),
  "multinomial()" = list(stands_for = "multinomial", make = function(model) with_arguments(model, quote(glmpp), family = quote(multinomial()))),
  "ordinal()" = list(stands_for = "ordinal", make = function(model) with_arguments(model, quote(glmpp), family = quote(ordinal()))),
  "as.multinom()" = list(stands_for = "multinomial", make = function(model) call("as.multinom", doors[["multinomial()"]]$make(model))),
  "as.polr()" = list(stands_for = "ordinal", make = function(model) call("as.polr", doors[["ordinal()"]]$make(model)))
)

with_arguments <- function(model, fitter, ...) {
  model[[1]] <- fitter
  more <- list(...)
  model[names(more)] <- more
  model
}

# The environment in which calls.R is evaluated: `fit`, `smaller` and the names of the model.
fits_of <- function(model, make) {
  found <- list2env(model$names, parent = globalenv())
  fit_it <- function(call) suppressWarnings(eval(make(call), found))
  found$fit <- fit_it(model$call)
  found$smaller <- fit_it(replace(model$call, 2, list(model$smaller)))
  found
}
