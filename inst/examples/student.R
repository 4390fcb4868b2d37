# A student: what happens inside a logistic regression: the likelihood, its slope, and solvers that climb it.
library(glmpp)

# The negative log-likelihood at a point, with its gradient and information: a Newton step by hand.
at <- c(0, 0)
for (step in 1:6) {
  here <- nll(am ~ wt, binomial, mtcars, coefficients = at)
  cat(sprintf("step %d: %.6f, gradient %s\n", step, here$value, paste(signif(here$gradient, 3), collapse = " ")))
  at <- at - solve(here$information, here$gradient)
}
by_hand <- at

# The same by the package, and what each step did.
newton_fit <- glmpp(am ~ wt, binomial, mtcars, trace = TRUE)
print(newton_fit$trace)
print(rbind(by_hand, fit = coef(newton_fit)))

# Gradient descent gets there too, given time; its summary says when it has not.
descend <- function(steps) {
  solver <- gradient_descent(learning_rate = 0.05, iterations = steps)
  suppressWarnings(glmpp(am ~ I(wt - 3), binomial, mtcars, solver = solver, trace = TRUE))
}
short <- descend(20)
long <- descend(3000)
print(rbind(short = coef(short), long = coef(long), irls = coef(update(newton_fit, . ~ I(wt - 3)))))
print(convergence_trace(short = short, long = long))
side <- side_by_side(newton_fit)
print(side)
