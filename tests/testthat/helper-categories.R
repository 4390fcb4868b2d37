# Data with a response of several categories, and their comparison with other packages.

skip_without <- function(...) for (package in c(...)) skip_if_not_installed(package)

# Each: data, formula and, where there are any, the name of the weights. Only complete rows.
multinomial_problems <- function() {
  birthwt <- transform(MASS::birthwt, race = factor(race, labels = c("white", "black", "other")))
  list(
    birthwt = list(data = birthwt, formula = race ~ age + lwt + smoke + low),
    housing = list(data = MASS::housing, formula = Sat ~ Infl * Type + Cont, weights = "Freq"),
    types = list(data = MASS::housing, formula = Type ~ Infl + Cont, weights = "Freq"),
    iris = list(data = datasets::iris, formula = Species ~ Sepal.Width),
    infert = list(data = datasets::infert, formula = education ~ age + parity + induced),
    mtcars = list(data = datasets::mtcars, formula = factor(gear) ~ mpg),
    ChickWeight = list(data = as.data.frame(datasets::ChickWeight), formula = Diet ~ weight + Time),
    warpbreaks = list(data = datasets::warpbreaks, formula = tension ~ breaks + wool),
    quine = list(data = MASS::quine, formula = Age ~ Days + Sex + Eth),
    survey = list(data = stats::na.omit(MASS::survey[c("Smoke", "Age", "Sex")]), formula = Smoke ~ Age + Sex)
  )
}

# Columns of about unit size: polr() takes its Hessian by differences of one step for all coefficients.
ordinal_problems <- function() {
  unit <- function(data, columns) {
    data[columns] <- scale(data[columns])
    data
  }
  birthwt <- transform(MASS::birthwt, size = cut(bwt, c(0, 2500, 3000, 3500, 6000), c("tiny", "small", "middle", "large")))
  survey <- stats::na.omit(MASS::survey[c("Smoke", "Age", "Sex")])
  survey$Smoke <- factor(survey$Smoke, c("Never", "Occas", "Regul", "Heavy"))
  list(
    housing = list(data = MASS::housing, formula = Sat ~ Infl + Type + Cont, weights = "Freq"),
    esoph = list(data = datasets::esoph, formula = alcgp ~ agegp + tobgp, weights = "ncontrols"),
    birthwt = list(data = unit(birthwt, c("age", "lwt")), formula = size ~ age + lwt + smoke + ht),
    infert = list(data = unit(datasets::infert, c("age", "parity")), formula = education ~ age + parity + induced),
    quine = list(data = unit(MASS::quine, "Days"), formula = Age ~ Days + Sex + Eth),
    ToothGrowth = list(data = unit(datasets::ToothGrowth, "len"), formula = factor(dose) ~ supp + len),
    survey = list(data = unit(survey, "Age"), formula = Smoke ~ Age + Sex)
  )
}

# fitter(formula, data = , weights = , ...) as a user would type it.
fit_category_problem <- function(problem, fitter, ...) {
  data <- problem$data
  data$weight_of_row <- if (is.null(problem$weights)) 1 else data[[problem$weights]]
  eval(as.call(list(fitter, problem$formula, data = quote(data), weights = quote(weight_of_row), ...)))
}

# Relative to the larger of estimate and standard error.
category_difference <- function(object, expected, errors = 0) max(abs(object - expected) / pmax(abs(expected), errors))

central_differences <- function(f, at, step = 1e-5) {
  sapply(seq_along(at), function(j) {
    side <- function(sign) f(replace(at, j, at[j] + sign * step))
    (side(1) - side(-1)) / (2 * step)
  })
}
