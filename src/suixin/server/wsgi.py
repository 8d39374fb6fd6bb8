"""The application that a web server's workers call."""

from django.core.wsgi import get_wsgi_application

from suixin.server.start import start

start()
application = get_wsgi_application()
