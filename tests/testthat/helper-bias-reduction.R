# Small data sets with their models, for which fixtures/brglm2.csv has brglm2's estimates; some are separated.
bias_cases <- function() {
  endometrial <- read.csv(test_path("fixtures", "endometrial.csv"))
  grouped <- data.frame(dose = c(1.69, 1.72, 1.76, 1.78, 1.81, 1.84, 1.86, 1.88), dead = c(6, 13, 18, 28, 52, 53, 61, 60),
                        total = c(59, 60, 62, 56, 63, 59, 62, 60))
  separated <- data.frame(x = c(-2, -1.5, -1, -0.2, 0.1, 0.9, 1.4, 2.2), y = c(0, 0, 0, 0, 1, 1, 1, 1))
  cars <- datasets::mtcars
  case <- function(formula, family, data, weights = NULL, offset = NULL) {
    list(formula = formula, family = family, data = data, weights = weights, offset = offset)
  }
  list(
    endometrial = case(HG ~ NV + PI + EH, binomial(), endometrial), probit = case(HG ~ NV + PI + EH, binomial("probit"), endometrial),
    cloglog = case(HG ~ PI + EH, binomial("cloglog"), endometrial), beetles = case(dead / total ~ dose, binomial("probit"), grouped, grouped$total),
    separated = case(y ~ x, binomial(), separated), cars = case(am ~ wt, binomial(), cars),
    breaks = case(breaks ~ wool * tension, poisson(), datasets::warpbreaks),
    carburettors = case(carb ~ wt, poisson("sqrt"), cars), offset = case(carb ~ wt, poisson(), cars, offset = log(cars$cyl))
  )
}
